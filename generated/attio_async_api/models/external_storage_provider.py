"""Words the API knows."""

from typing import Literal

ExternalStorageProvider = Literal[
    "box",
    "dropbox",
    "google-drive",
    "microsoft-onedrive",
]
