"""Words the API knows."""

from typing import Literal

MeetingSort = Literal[
    "start_asc",
    "start_desc",
]
