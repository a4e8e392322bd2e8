"""Words the API knows."""

from typing import Literal

AttributeTarget = Literal[
    "lists",
    "objects",
]
