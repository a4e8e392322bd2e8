"""Read one member of the workspace."""

from typing import Any

from ...types import address


def build_request(
    workspace_member_id: str,
) -> dict[str, Any]:
    """Read one member of the workspace."""
    return {
        "method": "GET",
        "url": address(
            "/v2/workspace_members/{workspace_member_id}",
            workspace_member_id=workspace_member_id,
        ),
    }
