"""Change an activity's slug or nouns."""

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
    """Change an activity's slug or nouns."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/activities/{activity}",
            activity=activity,
        ),
        "json": {"data": content(body)},
    }
