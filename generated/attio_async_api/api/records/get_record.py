"""Return one record."""

from typing import Any, Final

from ...operations import GET_RECORD
from ...types import address

operation: Final = GET_RECORD


def build_request(
    object_: str,
    record_id: str,
) -> dict[str, Any]:
    """Return one record."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}/records/{record_id}",
            object_=object_,
            record_id=record_id,
        ),
    }
