"""Return one note."""

from typing import Any, Final

from ...operations import GET_NOTE
from ...types import address

operation: Final = GET_NOTE


def build_request(
    note_id: str,
) -> dict[str, Any]:
    """Return one note."""
    return {
        "method": "GET",
        "url": address(
            "/v2/notes/{note_id}",
            note_id=note_id,
        ),
    }
