"""Read one activity record."""

from typing import Any

from ...types import address


def build_request(
    activity: str,
    record_id: str,
) -> dict[str, Any]:
    """Read one activity record."""
    return {
        "method": "GET",
        "url": address(
            "/v2/activities/{activity}/records/{record_id}",
            activity=activity,
            record_id=record_id,
        ),
    }
