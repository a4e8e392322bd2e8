"""Words the API knows."""

from typing import Literal

CreateActivityExtends = Literal[
    "activities",
    "calls",
    "emails",
    "interactions",
]
