"""Create a record of an activity."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_record import CreateRecord
from ...operations import CREATE_ACTIVITY_RECORD
from ...types import address, content

operation: Final = CREATE_ACTIVITY_RECORD


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
