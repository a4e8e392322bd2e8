"""Find entries of a list by filter, sorted, one page at a time."""

from collections.abc import Mapping
from typing import Any

from ...models.query import Query
from ...types import address, content


def build_request(
    list_: str,
    *,
    body: Query | Mapping[str, Any],
) -> dict[str, Any]:
    """Find entries of a list by filter, sorted, one page at a time."""
    return {
        "method": "POST",
        "url": address(
            "/v2/lists/{list_}/entries/query",
            list_=list_,
        ),
        "json": content(body),
    }
