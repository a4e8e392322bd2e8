"""Return one activity by slug or id."""

from typing import Any, Final

from ...operations import GET_ACTIVITY
from ...types import address

operation: Final = GET_ACTIVITY


def build_request(
    activity: str,
) -> dict[str, Any]:
    """Return one activity by slug or id."""
    return {
        "method": "GET",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
    }
