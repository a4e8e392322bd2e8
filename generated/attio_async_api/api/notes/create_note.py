"""Write a note on a record."""

from collections.abc import Mapping
from typing import Any

from ...models.create_note import CreateNote
from ...types import content


def build_request(
    *,
    body: CreateNote | Mapping[str, Any],
) -> dict[str, Any]:
    """Write a note on a record."""
    return {
        "method": "POST",
        "url": "/v2/notes",
        "json": {"data": content(body)},
    }
