"""Read one list by slug or id."""

from typing import Any

from ...types import address


def build_request(
    list_: str,
) -> dict[str, Any]:
    """Read one list by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/lists/{list_}",
            list_=list_,
        ),
    }
