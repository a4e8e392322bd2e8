"""List the webhooks of the app or token."""

from typing import Any, Final

from ...operations import LIST_WEBHOOKS
from ...types import query

operation: Final = LIST_WEBHOOKS


def build_request(
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """List the webhooks of the app or token."""
    return {
        "method": "GET",
        "url": "/v2/webhooks",
        "params": query(
            {
                "limit": limit,
                "offset": offset,
            }
        ),
    }
