"""Delete an activity."""

from typing import Any, Final

from ...operations import DELETE_ACTIVITY
from ...types import address

operation: Final = DELETE_ACTIVITY


def build_request(
    activity: str,
) -> dict[str, Any]:
    """Delete an activity."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
    }
