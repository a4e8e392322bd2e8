"""Update a list entry, adding to the values of multiselect attributes."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_entry import WriteEntry
from ...operations import UPDATE_ENTRY
from ...types import address, content

operation: Final = UPDATE_ENTRY


def build_request(
    list_: str,
    entry_id: str,
    *,
    body: WriteEntry | Mapping[str, Any],
) -> dict[str, Any]:
    """Update a list entry, adding to the values of multiselect attributes."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}",
            list_=list_,
            entry_id=entry_id,
        ),
        "json": {"data": content(body)},
    }
