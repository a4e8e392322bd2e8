"""List the lists that the token may read."""

from typing import Any, Final

from ...operations import LIST_LISTS

operation: Final = LIST_LISTS


def build_request() -> dict[str, Any]:
    """List the lists that the token may read."""
    return {
        "method": "GET",
        "url": "/v2/lists",
    }
