"""List the saved views of a list."""

from typing import Any, Final

from ...operations import LIST_LIST_VIEWS
from ...types import address, query

operation: Final = LIST_LIST_VIEWS


def build_request(
    list_: str,
    *,
    show_archived: bool | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """List the saved views of a list."""
    return {
        "method": "GET",
        "url": address(
            "/v2/lists/{list_}/views",
            list_=list_,
        ),
        "params": query(
            {
                "show_archived": show_archived,
                "limit": limit,
                "cursor": cursor,
            }
        ),
    }
