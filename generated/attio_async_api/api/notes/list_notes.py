"""List the notes of one record or of the workspace, oldest first."""

from typing import Any, Final

from ...operations import LIST_NOTES
from ...types import query

operation: Final = LIST_NOTES


def build_request(
    *,
    limit: int | None = None,
    offset: int | None = None,
    parent_object: str | None = None,
    parent_record_id: str | None = None,
) -> dict[str, Any]:
    """List the notes of one record or of the workspace, oldest first."""
    return {
        "method": "GET",
        "url": "/v2/notes",
        "params": query(
            {
                "limit": limit,
                "offset": offset,
                "parent_object": parent_object,
                "parent_record_id": parent_record_id,
            }
        ),
    }
