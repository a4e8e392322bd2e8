"""List the saved views of an object."""

from typing import Any, Final

from ...operations import LIST_OBJECT_VIEWS
from ...types import address, query

operation: Final = LIST_OBJECT_VIEWS


def build_request(
    object_: str,
    *,
    show_archived: bool | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    """List the saved views of an object."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}/views",
            object_=object_,
        ),
        "params": query(
            {
                "show_archived": show_archived,
                "limit": limit,
                "cursor": cursor,
            }
        ),
    }
