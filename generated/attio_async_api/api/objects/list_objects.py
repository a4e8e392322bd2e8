"""List the workspace's objects, standard and custom."""

from typing import Any


def build_request() -> dict[str, Any]:
    """List the workspace's objects, standard and custom."""
    return {
        "method": "GET",
        "url": "/v2/objects",
    }
