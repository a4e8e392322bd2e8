"""Return the transcript of a call recording, a page at a time."""

from typing import Any, Final

from ...operations import GET_CALL_TRANSCRIPT
from ...types import address, query

operation: Final = GET_CALL_TRANSCRIPT


def build_request(
    meeting_id: str,
    call_recording_id: str,
    *,
    cursor: str | None = None,
) -> dict[str, Any]:
    """Return the transcript of a call recording, a page at a time."""
    return {
        "method": "GET",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings/{call_recording_id}/transcript",
            meeting_id=meeting_id,
            call_recording_id=call_recording_id,
        ),
        "params": query(
            {
                "cursor": cursor,
            }
        ),
    }
