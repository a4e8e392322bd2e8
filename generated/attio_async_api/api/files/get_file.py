"""Return the details of one file or folder."""

from typing import Any, Final

from ...operations import GET_FILE
from ...types import address

operation: Final = GET_FILE


def build_request(
    file_id: str,
) -> dict[str, Any]:
    """Return the details of one file or folder."""
    return {
        "method": "GET",
        "url": address(
            "/v2/files/{file_id}",
            file_id=file_id,
        ),
    }
