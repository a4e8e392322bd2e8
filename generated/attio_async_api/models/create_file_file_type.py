"""Words the API knows."""

from typing import Literal

CreateFileFileType = Literal[
    "connected-file",
    "connected-folder",
    "folder",
]
