"""Find records of an object by filter, sorted, one page at a time."""

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
    """Find records of an object by filter, sorted, one page at a time."""
    return {
        "method": "POST",
        "url": address(
            "/v2/objects/{object_}/records/query",
            object_=object_,
        ),
        "json": content(body),
    }
