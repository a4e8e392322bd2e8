"""Add a record to a list, or update the entry that it already has."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_entry import CreateEntry
from ...operations import ASSERT_ENTRY
from ...types import address, content

operation: Final = ASSERT_ENTRY


def build_request(
    list_: str,
    *,
    body: CreateEntry | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a record to a list, or update the entry that it already has."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/lists/{list_}/entries",
            list_=list_,
        ),
        "json": {"data": content(body)},
    }
