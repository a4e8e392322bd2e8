"""List the workspace's objects, standard and custom."""

from typing import Any, Final

from ...operations import LIST_OBJECTS

operation: Final = LIST_OBJECTS


def build_request() -> dict[str, Any]:
    """List the workspace's objects, standard and custom."""
    return {
        "method": "GET",
        "url": "/v2/objects",
    }
