"""Create an activity."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_activity import CreateActivity
from ...operations import CREATE_ACTIVITY
from ...types import content

operation: Final = CREATE_ACTIVITY


def build_request(
    *,
    body: CreateActivity | Mapping[str, Any],
) -> dict[str, Any]:
    """Create an activity."""
    return {
        "method": "POST",
        "url": "/v2/activities",
        "json": {"data": content(body)},
    }
