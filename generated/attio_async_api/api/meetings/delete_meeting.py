"""Delete one meeting."""

from typing import Any

from ...types import address


def build_request(
    meeting_id: str,
) -> dict[str, Any]:
    """Delete one meeting."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/meetings/{meeting_id}",
            meeting_id=meeting_id,
        ),
    }
