"""Return the address of a file's content, as a redirect to another host."""

from typing import Any, Final

from ...operations import DOWNLOAD_FILE
from ...types import address

operation: Final = DOWNLOAD_FILE


def build_request(
    file_id: str,
) -> dict[str, Any]:
    """Return the address of a file's content, as a redirect to another host."""
    return {
        "method": "GET",
        "url": address(
            "/v2/files/{file_id}/download",
            file_id=file_id,
        ),
    }
