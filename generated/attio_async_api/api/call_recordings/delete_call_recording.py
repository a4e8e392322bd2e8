"""Delete one call recording."""

from typing import Any, Final

from ...operations import DELETE_CALL_RECORDING
from ...types import address

operation: Final = DELETE_CALL_RECORDING


def build_request(
    meeting_id: str,
    call_recording_id: str,
) -> dict[str, Any]:
    """Delete one call recording."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings/{call_recording_id}",
            meeting_id=meeting_id,
            call_recording_id=call_recording_id,
        ),
    }
