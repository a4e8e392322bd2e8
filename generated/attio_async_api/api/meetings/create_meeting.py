"""Create a meeting."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_meeting import CreateMeeting
from ...operations import CREATE_MEETING
from ...types import content

operation: Final = CREATE_MEETING


def build_request(
    *,
    body: CreateMeeting | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a meeting."""
    return {
        "method": "POST",
        "url": "/v2/meetings",
        "json": {"data": content(body)},
    }
