"""List the values of one attribute of a list entry, optionally with past values."""

from typing import Any, Final

from ...operations import LIST_ENTRY_ATTRIBUTE_VALUES
from ...types import address, query

operation: Final = LIST_ENTRY_ATTRIBUTE_VALUES


def build_request(
    list_: str,
    entry_id: str,
    attribute: str,
    *,
    show_historic: bool | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """List the values of one attribute of a list entry, optionally with past values."""
    return {
        "method": "GET",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}/attributes/{attribute}/values",
            list_=list_,
            entry_id=entry_id,
            attribute=attribute,
        ),
        "params": query(
            {
                "show_historic": show_historic,
                "limit": limit,
                "offset": offset,
            }
        ),
    }
