"""Delete one note."""

from typing import Any, Final

from ...operations import DELETE_NOTE
from ...types import address

operation: Final = DELETE_NOTE


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
