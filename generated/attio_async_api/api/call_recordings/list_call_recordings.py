"""List the call recordings of a meeting."""

from typing import Any

from ...types import address, query


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
