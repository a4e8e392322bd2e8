"""Read one call recording."""

from typing import Any

from ...types import address


def build_request(
    meeting_id: str,
    call_recording_id: str,
) -> dict[str, Any]:
    """Read one call recording."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings/{call_recording_id}",
            meeting_id=meeting_id,
            call_recording_id=call_recording_id,
        ),
    }
