"""List the workspace's activities."""

from typing import Any

from ...types import query


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
