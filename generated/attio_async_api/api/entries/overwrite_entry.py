"""Update a list entry, replacing what its multiselect attributes hold."""

from collections.abc import Mapping
from typing import Any

from ...models.write_entry import WriteEntry
from ...types import address, content


def build_request(
    list_: str,
    entry_id: str,
    *,
    body: WriteEntry | Mapping[str, Any],
) -> dict[str, Any]:
    """Update a list entry, replacing what its multiselect attributes hold."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/lists/{list_}/entries/{entry_id}",
            list_=list_,
            entry_id=entry_id,
        ),
        "json": {"data": content(body)},
    }
