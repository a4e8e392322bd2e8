"""List the records of an activity that match a filter, a page at a time."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.activity_query import ActivityQuery
from ...operations import QUERY_ACTIVITY_RECORDS
from ...types import address, content

operation: Final = QUERY_ACTIVITY_RECORDS


def build_request(
    activity: str,
    *,
    body: ActivityQuery | Mapping[str, Any],
) -> dict[str, Any]:
    """List the records of an activity that match a filter, a page at a time."""
    return {
        "method": "POST",
        "url": address(
            "/v2/activities/{activity}/records/query",
            activity=activity,
        ),
        "json": content(body),
    }
