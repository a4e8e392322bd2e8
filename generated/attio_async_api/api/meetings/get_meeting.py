"""Return one meeting."""

from typing import Any, Final

from ...operations import GET_MEETING
from ...types import address

operation: Final = GET_MEETING


def build_request(
    meeting_id: str,
) -> dict[str, Any]:
    """Return one meeting."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}",
            meeting_id=meeting_id,
        ),
    }
