"""An answer of list_meetings, create_meeting, get_meeting, overwrite_meeting, update_meeting."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.linked_record import LinkedRecord
from ..models.meeting_id import MeetingId
from ..models.meeting_participant import MeetingParticipant
from ..models.meeting_time import MeetingTime
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Meeting:
    """An answer of list_meetings, create_meeting, get_meeting, overwrite_meeting, update_meeting. What it holds beside these fields is in `additional_properties`."""

    id: MeetingId
    title: str
    description: str
    is_all_day: bool
    start: MeetingTime
    end: MeetingTime
    participants: list[MeetingParticipant]
    linked_records: list[LinkedRecord]
    created_at: datetime.datetime
    created_by_actor: Actor
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", MeetingId.from_dict),
            title=rest.pop("title", None),
            description=rest.pop("description", None),
            is_all_day=rest.pop("is_all_day", None),
            start=read_object(rest, "start", MeetingTime.from_dict),
            end=read_object(rest, "end", MeetingTime.from_dict),
            participants=read_objects(rest, "participants", MeetingParticipant.from_dict),
            linked_records=read_objects(rest, "linked_records", LinkedRecord.from_dict),
            created_at=read_moment(rest, "created_at"),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            additional_properties=rest,
        )
