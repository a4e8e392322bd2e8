"""List every list the token may see."""

from typing import Any


def build_request() -> dict[str, Any]:
    """List every list the token may see."""
    return {
        "method": "GET",
        "url": "/v2/lists",
    }
