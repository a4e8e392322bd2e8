"""Read one note."""

from typing import Any

from ...types import address


def build_request(
    note_id: str,
) -> dict[str, Any]:
    """Read one note."""
    return {
        "method": "GET",
        "url": address(
            "/v2/notes/{note_id}",
            note_id=note_id,
        ),
    }
