"""Return one call recording."""

from typing import Any, Final

from ...operations import GET_CALL_RECORDING
from ...types import address

operation: Final = GET_CALL_RECORDING


def build_request(
    meeting_id: str,
    call_recording_id: str,
) -> dict[str, Any]:
    """Return one call recording."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings/{call_recording_id}",
            meeting_id=meeting_id,
            call_recording_id=call_recording_id,
        ),
    }
