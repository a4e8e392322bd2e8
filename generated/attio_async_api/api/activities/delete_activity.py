"""Remove an activity."""

from typing import Any

from ...types import address


def build_request(
    activity: str,
) -> dict[str, Any]:
    """Remove an activity."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
    }
