"""List the list entries of a record."""

from typing import Any, Final

from ...operations import LIST_RECORD_ENTRIES
from ...types import address, query

operation: Final = LIST_RECORD_ENTRIES


def build_request(
    object_: str,
    record_id: str,
    *,
    limit: int | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """List the list entries of a record."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}/entries",
            object_=object_,
            record_id=record_id,
        ),
        "params": query(
            {
                "limit": limit,
                "offset": offset,
            }
        ),
    }
