"""Change an activity's slug or nouns."""

from collections.abc import Mapping
from typing import Any

from ...models.update_activity import UpdateActivity
from ...types import address, content


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
