"""List the workspace's activities."""

from typing import Any, Final

from ...operations import LIST_ACTIVITIES
from ...types import query

operation: Final = LIST_ACTIVITIES


def build_request(
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """List the workspace's activities."""
    return {
        "method": "GET",
        "url": "/v2/activities",
        "params": query(
            {
                "limit": limit,
                "cursor": cursor,
            }
        ),
    }
