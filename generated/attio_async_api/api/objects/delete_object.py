"""Delete a custom object."""

from typing import Any, Final

from ...operations import DELETE_OBJECT
from ...types import address

operation: Final = DELETE_OBJECT


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
