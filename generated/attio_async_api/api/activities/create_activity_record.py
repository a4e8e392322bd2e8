"""Create a record of an activity."""

from collections.abc import Mapping
from typing import Any

from ...models.create_record import CreateRecord
from ...types import address, content


def build_request(
    activity: str,
    *,
    body: CreateRecord | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a record of an activity."""
    return {
        "method": "POST",
        "url": address(
            "/v2/activities/{activity}/records",
            activity=activity,
        ),
        "json": {"data": content(body)},
    }
