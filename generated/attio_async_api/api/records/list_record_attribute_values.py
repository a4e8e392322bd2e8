"""List the values of one attribute of a record, optionally with past values."""

from typing import Any, Final

from ...operations import LIST_RECORD_ATTRIBUTE_VALUES
from ...types import address, query

operation: Final = LIST_RECORD_ATTRIBUTE_VALUES


def build_request(
    object_: str,
    record_id: str,
    attribute: str,
    *,
    show_historic: bool | None = None,
    limit: int | None = None,
    offset: int | None = None,
) -> dict[str, Any]:
    """List the values of one attribute of a record, optionally with past values."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}/attributes/{attribute}/values",
            object_=object_,
            record_id=record_id,
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
