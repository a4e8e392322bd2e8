"""Take one entry off a list; the parent record stays."""

from typing import Any

from ...types import address


def build_request(
    list_: str,
    entry_id: str,
) -> dict[str, Any]:
    """Take one entry off a list; the parent record stays."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}",
            list_=list_,
            entry_id=entry_id,
        ),
    }
