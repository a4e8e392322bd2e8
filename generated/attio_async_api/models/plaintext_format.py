"""Words the API knows."""

from typing import Literal

PlaintextFormat = Literal["plaintext",]
