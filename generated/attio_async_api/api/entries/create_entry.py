"""Add a record to a list as a new entry, even if it is there already."""

from collections.abc import Mapping
from typing import Any

from ...models.create_entry import CreateEntry
from ...types import address, content


def build_request(
    list_: str,
    *,
    body: CreateEntry | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a record to a list as a new entry, even if it is there already."""
    return {
        "method": "POST",
        "url": address(
            "/v2/lists/{list_}/entries",
            list_=list_,
        ),
        "json": {"data": content(body)},
    }
