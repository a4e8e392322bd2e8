"""Return one list by slug or id."""

from typing import Any, Final

from ...operations import GET_LIST
from ...types import address

operation: Final = GET_LIST


def build_request(
    list_: str,
) -> dict[str, Any]:
    """Return one list by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/lists/{list_}",
            list_=list_,
        ),
    }
