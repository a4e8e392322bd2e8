"""Words the API knows."""

from typing import Literal

StorageProvider = Literal[
    "attio",
    "box",
    "dropbox",
    "google-drive",
    "microsoft-onedrive",
]
