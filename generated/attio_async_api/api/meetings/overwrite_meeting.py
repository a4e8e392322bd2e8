"""Replace the records linked to a meeting."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_meeting_links import WriteMeetingLinks
from ...operations import OVERWRITE_MEETING
from ...types import address, content

operation: Final = OVERWRITE_MEETING


def build_request(
    meeting_id: str,
    *,
    body: WriteMeetingLinks | Mapping[str, Any],
) -> dict[str, Any]:
    """Replace the records linked to a meeting."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/meetings/{meeting_id}",
            meeting_id=meeting_id,
        ),
        "json": {"data": content(body)},
    }
