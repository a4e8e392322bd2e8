"""Read what is known of one file or folder."""

from typing import Any

from ...types import address


def build_request(
    file_id: str,
) -> dict[str, Any]:
    """Read what is known of one file or folder."""
    return {
        "method": "GET",
        "url": address(
            "/v2/files/{file_id}",
            file_id=file_id,
        ),
    }
