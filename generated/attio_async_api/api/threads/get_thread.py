"""Return one comment thread with a page of its comments."""

from typing import Any, Final

from ...operations import GET_THREAD
from ...types import address, query

operation: Final = GET_THREAD


def build_request(
    thread_id: str,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    created_after: str | None = None,
) -> dict[str, Any]:
    """Return one comment thread with a page of its comments."""
    return {
        "method": "GET",
        "url": address(
            "/v2/threads/{thread_id}",
            thread_id=thread_id,
        ),
        "params": query(
            {
                "limit": limit,
                "cursor": cursor,
                "created_after": created_after,
            }
        ),
    }
