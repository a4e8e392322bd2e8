"""Delete a custom object."""

from typing import Any

from ...types import address


def build_request(
    object_: str,
) -> dict[str, Any]:
    """Delete a custom object."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/objects/{object_}",
            object_=object_,
        ),
    }
