"""List the members of the workspace."""

from typing import Any


def build_request() -> dict[str, Any]:
    """List the members of the workspace."""
    return {
        "method": "GET",
        "url": "/v2/workspace_members",
    }
