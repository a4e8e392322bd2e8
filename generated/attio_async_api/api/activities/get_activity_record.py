"""Return one activity record."""

from typing import Any, Final

from ...operations import GET_ACTIVITY_RECORD
from ...types import address

operation: Final = GET_ACTIVITY_RECORD


def build_request(
    activity: str,
    record_id: str,
) -> dict[str, Any]:
    """Return one activity record."""
    return {
        "method": "GET",
        "url": address(
            "/v2/activities/{activity}/records/{record_id}",
            activity=activity,
            record_id=record_id,
        ),
    }
