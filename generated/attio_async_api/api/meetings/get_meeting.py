"""Read one meeting."""

from typing import Any

from ...types import address


def build_request(
    meeting_id: str,
) -> dict[str, Any]:
    """Read one meeting."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}",
            meeting_id=meeting_id,
        ),
    }
