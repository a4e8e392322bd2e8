"""Delete one record."""

from typing import Any

from ...types import address


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
