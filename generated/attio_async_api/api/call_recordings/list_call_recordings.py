"""List the call recordings of a meeting."""

from typing import Any, Final

from ...operations import LIST_CALL_RECORDINGS
from ...types import address, query

operation: Final = LIST_CALL_RECORDINGS


def build_request(
    meeting_id: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """List the call recordings of a meeting."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings",
            meeting_id=meeting_id,
        ),
        "params": query(
            {
                "limit": limit,
                "cursor": cursor,
            }
        ),
    }
