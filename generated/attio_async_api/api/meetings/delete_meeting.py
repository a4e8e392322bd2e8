"""Delete one meeting."""

from typing import Any, Final

from ...operations import DELETE_MEETING
from ...types import address

operation: Final = DELETE_MEETING


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
