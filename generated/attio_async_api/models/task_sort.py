"""Words the API knows."""

from typing import Literal

TaskSort = Literal[
    "completed_at:asc",
    "completed_at:desc",
    "created_at:asc",
    "created_at:desc",
]
