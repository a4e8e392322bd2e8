"""Get the address of a file's content, as a redirect to another host."""

from typing import Any

from ...types import address


def build_request(
    file_id: str,
) -> dict[str, Any]:
    """Get the address of a file's content, as a redirect to another host."""
    return {
        "method": "GET",
        "url": address(
            "/v2/files/{file_id}/download",
            file_id=file_id,
        ),
    }
