"""Add a call recording to a meeting: a video by its URL, a transcript, or both."""

from collections.abc import Mapping
from typing import Any

from ...models.create_call_recording import CreateCallRecording
from ...types import address, content


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
