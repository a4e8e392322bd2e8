"""List the comment threads of a record or a list entry."""

from typing import Any, Final

from ...operations import LIST_THREADS
from ...types import query

operation: Final = LIST_THREADS


def build_request(
    *,
    record_id: str | None = None,
    object_: str | None = None,
    entry_id: str | None = None,
    list_: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """List the comment threads of a record or a list entry."""
    return {
        "method": "GET",
        "url": "/v2/threads",
        "params": query(
            {
                "record_id": record_id,
                "object": object_,
                "entry_id": entry_id,
                "list": list_,
                "limit": limit,
                "offset": offset,
            }
        ),
    }
