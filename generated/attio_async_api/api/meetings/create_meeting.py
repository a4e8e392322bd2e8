"""Add a meeting."""

from collections.abc import Mapping
from typing import Any

from ...models.create_meeting import CreateMeeting
from ...types import content


def build_request(
    *,
    body: CreateMeeting | Mapping[str, Any],
) -> dict[str, Any]:
    """Add a meeting."""
    return {
        "method": "POST",
        "url": "/v2/meetings",
        "json": {"data": content(body)},
    }
