"""Update the title or content of a note."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_note import UpdateNote
from ...operations import UPDATE_NOTE
from ...types import address, content

operation: Final = UPDATE_NOTE


def build_request(
    note_id: str,
    *,
    body: UpdateNote | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the title or content of a note."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/notes/{note_id}",
            note_id=note_id,
        ),
        "json": {"data": content(body)},
    }
