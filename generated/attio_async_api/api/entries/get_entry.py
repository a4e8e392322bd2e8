"""Return one list entry."""

from typing import Any, Final

from ...operations import GET_ENTRY
from ...types import address

operation: Final = GET_ENTRY


def build_request(
    list_: str,
    entry_id: str,
) -> dict[str, Any]:
    """Return one list entry."""
    return {
        "method": "GET",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}",
            list_=list_,
            entry_id=entry_id,
        ),
    }
