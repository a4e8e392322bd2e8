"""Create a folder, or connect a file or folder of a storage provider."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_file import CreateFile
from ...operations import CREATE_FILE
from ...types import content

operation: Final = CREATE_FILE


def build_request(
    *,
    body: CreateFile | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a folder, or connect a file or folder of a storage provider."""
    return {
        "method": "POST",
        "url": "/v2/files",
        "json": content(body),
    }
