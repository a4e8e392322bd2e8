"""List every list the token may see."""

from typing import Any, Final

from ...operations import LIST_LISTS

operation: Final = LIST_LISTS


def build_request() -> dict[str, Any]:
    """List every list the token may see."""
    return {
        "method": "GET",
        "url": "/v2/lists",
    }
