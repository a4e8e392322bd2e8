"""Delete one note."""

from typing import Any

from ...types import address


def build_request(
    note_id: str,
) -> dict[str, Any]:
    """Delete one note."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/notes/{note_id}",
            note_id=note_id,
        ),
    }
