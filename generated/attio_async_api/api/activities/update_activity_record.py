"""Update an activity record, adding to the values of multiselect attributes."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.write_record import WriteRecord
from ...operations import UPDATE_ACTIVITY_RECORD
from ...types import address, content

operation: Final = UPDATE_ACTIVITY_RECORD


def build_request(
    activity: str,
    record_id: str,
    *,
    body: WriteRecord | Mapping[str, Any],
) -> dict[str, Any]:
    """Update an activity record, adding to the values of multiselect attributes."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/activities/{activity}/records/{record_id}",
            activity=activity,
            record_id=record_id,
        ),
        "json": {"data": content(body)},
    }
