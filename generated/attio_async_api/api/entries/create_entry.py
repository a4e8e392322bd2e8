"""Add a record to a list as a new entry, even if it already has one."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_entry import CreateEntry
from ...operations import CREATE_ENTRY
from ...types import address, content

operation: Final = CREATE_ENTRY


def build_request(
    list_: str,
    *,
    body: CreateEntry | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a record to a list as a new entry, even if it already has one."""
    return {
        "method": "POST",
        "url": address(
            "/v2/lists/{list_}/entries",
            list_=list_,
        ),
        "json": {"data": content(body)},
    }
