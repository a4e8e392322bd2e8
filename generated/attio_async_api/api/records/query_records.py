"""List the records of an object that match a filter, sorted, a page at a time."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.query import Query
from ...operations import QUERY_RECORDS
from ...types import address, content

operation: Final = QUERY_RECORDS


def build_request(
    object_: str,
    *,
    body: Query | Mapping[str, Any],
) -> dict[str, Any]:
    """List the records of an object that match a filter, sorted, a page at a time."""
    return {
        "method": "POST",
        "url": address(
            "/v2/objects/{object_}/records/query",
            object_=object_,
        ),
        "json": content(body),
    }
