"""Return one member of the workspace."""

from typing import Any, Final

from ...operations import GET_WORKSPACE_MEMBER
from ...types import address

operation: Final = GET_WORKSPACE_MEMBER


def build_request(
    workspace_member_id: str,
) -> dict[str, Any]:
    """Return one member of the workspace."""
    return {
        "method": "GET",
        "url": address(
            "/v2/workspace_members/{workspace_member_id}",
            workspace_member_id=workspace_member_id,
        ),
    }
