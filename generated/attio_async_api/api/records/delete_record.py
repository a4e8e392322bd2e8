"""Delete one record."""

from typing import Any, Final

from ...operations import DELETE_RECORD
from ...types import address

operation: Final = DELETE_RECORD


def build_request(
    object_: str,
    record_id: str,
) -> dict[str, Any]:
    """Delete one record."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}",
            object_=object_,
            record_id=record_id,
        ),
    }
