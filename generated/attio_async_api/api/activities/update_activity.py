"""Update the slug or nouns of an activity."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_activity import UpdateActivity
from ...operations import UPDATE_ACTIVITY
from ...types import address, content

operation: Final = UPDATE_ACTIVITY


def build_request(
    activity: str,
    *,
    body: UpdateActivity | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the slug or nouns of an activity."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
        "json": {"data": content(body)},
    }
