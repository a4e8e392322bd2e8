"""Meetings, and which records they are about."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from .. import _timestamps
from .._errors import (
    ApiProblem,
    Issue,
    invalid,
    invalid_body,
    invalid_parameters,
    value_not_found,
)
from .._json_types import is_object
from .._request.validation import BodyField, issues_of
from .._workspace.entities import FakeMeeting, RecordLink
from .._workspace.entity_views import meeting_view
from .._workspace.meeting_times import ends, in_order, starts
from .call import (
    Handlers,
    OperationCall,
    camel_cased,
    data,
    paged,
    queried_record,
    record_named,
    the,
)

_DEFAULT_LIMIT = 50
_MOST = 200
_LINKS = BodyField(
    "array",
    longest=50,
    items=BodyField("object", fields={"object": BodyField("string"), "record_id": BodyField("string")}),
)
_PARTICIPANT = {
    "email_address": BodyField("string", required=False, form="email"),
    "is_organizer": BodyField("boolean"),
    "status": BodyField("string", options=("accepted", "tentative", "declined", "pending")),
    "name": BodyField("string", required=False, shortest=1),
}
_NEW = {
    "title": BodyField("string", longest=1_000),
    "description": BodyField("string", longest=10_000),
    "start": BodyField("object"),
    "end": BodyField("object"),
    "is_all_day": BodyField("boolean"),
    "participants": BodyField("array", longest=500, items=BodyField("object", fields=_PARTICIPANT)),
    "linked_records": _LINKS.optional(),
}
_DAY = {"date": BodyField("string", form="date")}
_MOMENT = {
    "datetime": BodyField("string", form="timestamp"),
    "timezone": BodyField("string", nullable=True, required=False),
}


def _list_meetings(call: OperationCall) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    zone = _zone(call.request.query_values().get("timezone", "UTC"))
    fits = _wanted(call, zone)
    is_descending = call.request.word("sort", ("start_asc", "start_desc")) == "start_desc"
    found = [meeting for meeting in call.workspace.data.things.meetings.values() if fits(meeting)]
    found.sort(key=lambda meeting: (starts(meeting, zone), meeting.id), reverse=is_descending)
    meetings, cursor = page.of(found)
    return paged([meeting_view(call.workspace, meeting) for meeting in meetings], cursor)


def _create_meeting(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    start, end = _time(body["start"], "start"), _time(body["end"], "end")
    if not in_order(start, end):
        raise invalid_body(invalid(["data", "end"], "Expected an end like the start, and not before it"))
    links = _links(call, body.get("linked_records", []))
    stamp = call.author.stamp
    meeting = FakeMeeting(
        id=call.workspace.new_id(),
        created_at=stamp.now,
        created_by=stamp.actor,
        title=body["title"],
        description=body["description"],
        start=start,
        end=end,
        is_all_day=body["is_all_day"],
        participants=tuple(map(participant, body["participants"])),
        links=links,
    )
    call.workspace.data.things.meetings[meeting.id] = meeting
    return data(meeting_view(call.workspace, meeting))


def _get_meeting(call: OperationCall) -> object:
    meetings = call.workspace.data.things.meetings
    return data(meeting_view(call.workspace, the(meetings, call, "meeting_id")))


def _update_meeting(call: OperationCall) -> object:
    return _linked(call, lambda meeting, links: (*meeting.links, *links))


def _overwrite_meeting(call: OperationCall) -> object:
    return _linked(call, lambda _, links: links)


def _linked(
    call: OperationCall, merge: Callable[[FakeMeeting, tuple[RecordLink, ...]], tuple[RecordLink, ...]]
) -> object:
    meetings = call.workspace.data.things.meetings
    before = the(meetings, call, "meeting_id")
    body = call.request.data({"linked_records": _LINKS})
    links = merge(before, _links(call, body["linked_records"]))
    meeting = attrs.evolve(before, links=tuple(dict.fromkeys(links)))
    meetings[meeting.id] = meeting
    return data(meeting_view(call.workspace, meeting))


def _delete_meeting(call: OperationCall) -> object:
    things = call.workspace.data.things
    meeting = the(things.meetings, call, "meeting_id")
    if meeting.is_synced:
        raise ApiProblem(
            400, "system_edit_unauthorized", "The meeting is synced from a calendar and cannot be deleted."
        )
    del things.meetings[meeting.id]
    for recording in [one for one in things.recordings.values() if one.meeting_id == meeting.id]:
        del things.recordings[recording.id]
    for note in [one for one in things.notes.values() if one.meeting_id == meeting.id]:
        things.notes[note.id] = attrs.evolve(note, meeting_id=None)
    return {}


def participant(given: Mapping[str, Any]) -> dict[str, Any]:
    """A participant as the API shows them."""
    return {
        "status": given["status"],
        "is_organizer": given["is_organizer"],
        "email_address": given.get("email_address"),
        "name": given.get("name"),
    }


def _time(given: Mapping[str, Any], name: str) -> dict[str, str | None]:
    """A start or an end as it is kept."""
    path = ["data", name]
    issues: list[Issue] = issues_of(given, _DAY if "date" in given else _MOMENT, path)
    zone = given.get("timezone")
    if not issues and zone is not None and not _is_zone(zone):
        issues = [invalid([*path, "timezone"], "Invalid timezone")]
    if issues:
        raise invalid_body(*issues)
    if "date" in given:
        return {"date": given["date"]}
    return {"datetime": _timestamps.read_timestamp(given["datetime"]), "timezone": zone}


def _links(call: OperationCall, given: list[Any]) -> tuple[RecordLink, ...]:
    links = [
        record_named(call, one["object"], one["record_id"], value_not_found)
        for one in given
        if is_object(one)
    ]
    return tuple(dict.fromkeys(links))


def _wanted(call: OperationCall, zone: tzinfo) -> Callable[[FakeMeeting], bool]:
    """Whether a meeting is what the query asks for."""
    given = call.request.query_values()
    link = queried_record(call, "linked_object", "linked_record_id")
    ends_from, starts_before = call.request.moment("ends_from"), call.request.moment("starts_before")
    addresses = {one.strip().lower() for one in given.get("participants", "").split(",")} - {""}

    def takes_part(meeting: FakeMeeting) -> bool:
        return any((one["email_address"] or "").lower() in addresses for one in meeting.participants)

    return lambda meeting: (
        (link is None or link in meeting.links)
        and (not addresses or takes_part(meeting))
        and (ends_from is None or ends(meeting, zone) >= ends_from)
        and (starts_before is None or starts(meeting, zone) < starts_before)
    )


def _zone(name: str) -> tzinfo:
    if not _is_zone(name):
        raise invalid_parameters(invalid(["timezone"], "Invalid timezone"))
    return ZoneInfo(name)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


HANDLERS: Handlers = {
    "list_meetings": _list_meetings,
    "create_meeting": camel_cased(_create_meeting),
    "get_meeting": _get_meeting,
    "update_meeting": _update_meeting,
    "overwrite_meeting": _overwrite_meeting,
    "delete_meeting": _delete_meeting,
}
