"""Read one activity by slug or id."""

from typing import Any

from ...types import address


def build_request(
    activity: str,
) -> dict[str, Any]:
    """Read one activity by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
    }
