"""Delete one file or folder."""

from typing import Any, Final

from ...operations import DELETE_FILE
from ...types import address

operation: Final = DELETE_FILE


def build_request(
    file_id: str,
) -> dict[str, Any]:
    """Delete one file or folder."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/files/{file_id}",
            file_id=file_id,
        ),
    }
