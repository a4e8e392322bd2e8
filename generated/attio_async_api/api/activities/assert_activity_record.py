"""Create an activity record, or update the one with the same value of the matching attribute."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_record import CreateRecord
from ...operations import ASSERT_ACTIVITY_RECORD
from ...types import address, content, query

operation: Final = ASSERT_ACTIVITY_RECORD


def build_request(
    activity: str,
    *,
    body: CreateRecord | Mapping[str, Any],
    matching_attribute: str,
) -> dict[str, Any]:
    """Create an activity record, or update the one with the same value of the matching attribute."""
    return {
        "method": "PUT",
        "url": address(
            "/v2/activities/{activity}/records",
            activity=activity,
        ),
        "params": query(
            {
                "matching_attribute": matching_attribute,
            }
        ),
        "json": {"data": content(body)},
    }
