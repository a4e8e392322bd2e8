"""List the members of the workspace."""

from typing import Any, Final

from ...operations import LIST_WORKSPACE_MEMBERS

operation: Final = LIST_WORKSPACE_MEMBERS


def build_request() -> dict[str, Any]:
    """List the members of the workspace."""
    return {
        "method": "GET",
        "url": "/v2/workspace_members",
    }
