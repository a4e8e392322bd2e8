"""Return one object by slug or id."""

from typing import Any, Final

from ...operations import GET_OBJECT
from ...types import address

operation: Final = GET_OBJECT


def build_request(
    object_: str,
) -> dict[str, Any]:
    """Return one object by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/objects/{object_}",
            object_=object_,
        ),
    }
