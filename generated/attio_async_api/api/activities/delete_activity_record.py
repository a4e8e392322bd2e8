"""Delete one activity record."""

from typing import Any, Final

from ...operations import DELETE_ACTIVITY_RECORD
from ...types import address

operation: Final = DELETE_ACTIVITY_RECORD


def build_request(
    activity: str,
    record_id: str,
) -> dict[str, Any]:
    """Delete one activity record."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/activities/{activity}/records/{record_id}",
            activity=activity,
            record_id=record_id,
        ),
    }
