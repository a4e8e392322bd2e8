"""Words the API knows."""

from typing import Literal

NoteFormat = Literal[
    "markdown",
    "plaintext",
]
