"""Create a note on a record."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_note import CreateNote
from ...operations import CREATE_NOTE
from ...types import content

operation: Final = CREATE_NOTE


def build_request(
    *,
    body: CreateNote | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a note on a record."""
    return {
        "method": "POST",
        "url": "/v2/notes",
        "json": {"data": content(body)},
    }
