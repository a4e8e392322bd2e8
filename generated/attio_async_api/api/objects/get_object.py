"""Read one object by slug or id."""

from typing import Any

from ...types import address


def build_request(
    object_: str,
) -> dict[str, Any]:
    """Read one object by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}",
            object_=object_,
        ),
    }
