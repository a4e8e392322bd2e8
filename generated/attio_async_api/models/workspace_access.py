"""Words the API knows."""

from typing import Literal

WorkspaceAccess = Literal[
    "full-access",
    "read-and-write",
    "read-only",
]
