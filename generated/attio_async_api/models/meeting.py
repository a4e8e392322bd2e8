"""An answer of list_meetings, create_meeting, get_meeting, overwrite_meeting, update_meeting."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.linked_record import LinkedRecord
from ..models.meeting_id import MeetingId
from ..models.meeting_participant import MeetingParticipant
from ..models.meeting_time import MeetingTime
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Meeting(JsonData):
    """An answer of list_meetings, create_meeting, get_meeting, overwrite_meeting, update_meeting. `raw` is all of it, as the API sent it."""

    id: MeetingId
    title: str
    description: str
    is_all_day: bool
    start: MeetingTime
    end: MeetingTime
    participants: list[MeetingParticipant]
    linked_records: list[LinkedRecord]
    created_at: dt.datetime
    created_by_actor: Actor
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", MeetingId.from_dict),
            title=source.get("title"),
            description=source.get("description"),
            is_all_day=source.get("is_all_day"),
            start=read_object(source, "start", MeetingTime.from_dict),
            end=read_object(source, "end", MeetingTime.from_dict),
            participants=read_objects(source, "participants", MeetingParticipant.from_dict),
            linked_records=read_objects(source, "linked_records", LinkedRecord.from_dict),
            created_at=read_moment(source, "created_at"),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            raw=source,
        )
