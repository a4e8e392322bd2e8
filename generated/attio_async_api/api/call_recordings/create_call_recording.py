"""Add a call recording to a meeting: a video by its URL, a transcript, or both."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_call_recording import CreateCallRecording
from ...operations import CREATE_CALL_RECORDING
from ...types import address, content

operation: Final = CREATE_CALL_RECORDING


def build_request(
    meeting_id: str,
    *,
    body: CreateCallRecording | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a call recording to a meeting: a video by its URL, a transcript, or both."""
    return {
        "method": "POST",
        "url": address(
            "/v2/meetings/{meeting_id}/call_recordings",
            meeting_id=meeting_id,
        ),
        "json": {"data": content(body)},
    }
