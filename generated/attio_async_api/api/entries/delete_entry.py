"""Remove one entry from a list; its parent record stays."""

from typing import Any, Final

from ...operations import DELETE_ENTRY
from ...types import address

operation: Final = DELETE_ENTRY


def build_request(
    list_: str,
    entry_id: str,
) -> dict[str, Any]:
    """Remove one entry from a list; its parent record stays."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}",
            list_=list_,
            entry_id=entry_id,
        ),
    }
