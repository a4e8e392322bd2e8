"""List meetings, filtered by record, participants or time."""

from typing import Any, Final

from ...models.meeting_sort import MeetingSort
from ...operations import LIST_MEETINGS
from ...types import query

operation: Final = LIST_MEETINGS


def build_request(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    linked_object: str | None = None,
    linked_record_id: str | None = None,
    participants: str | None = None,
    sort: MeetingSort | None = None,
    ends_from: str | None = None,
    starts_before: str | None = None,
    timezone: str | None = None,
) -> dict[str, Any]:
    """List meetings, filtered by record, participants or time."""
    return {
        "method": "GET",
        "url": "/v2/meetings",
        "params": query(
            {
                "limit": limit,
                "cursor": cursor,
                "linked_object": linked_object,
                "linked_record_id": linked_record_id,
                "participants": participants,
                "sort": sort,
                "ends_from": ends_from,
                "starts_before": starts_before,
                "timezone": timezone,
            }
        ),
    }
