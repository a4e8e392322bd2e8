"""List the entries of a list that match a filter, sorted, a page at a time."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.query import Query
from ...operations import QUERY_ENTRIES
from ...types import address, content

operation: Final = QUERY_ENTRIES


def build_request(
    list_: str,
    *,
    body: Query | Mapping[str, Any],
) -> dict[str, Any]:
    """List the entries of a list that match a filter, sorted, a page at a time."""
    return {
        "method": "POST",
        "url": address(
            "/v2/lists/{list_}/entries/query",
            list_=list_,
        ),
        "json": content(body),
    }
