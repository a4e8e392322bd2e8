"""Meetings, and which records they are about."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from attio_async_api.api.meetings import (
    create_meeting,
    delete_meeting,
    get_meeting,
    list_meetings,
    overwrite_meeting,
    update_meeting,
)
from attio_async_api.models.create_meeting import CreateMeeting
from attio_async_api.models.meeting import Meeting
from attio_async_api.models.meeting_participant import MeetingParticipant
from attio_async_api.models.meeting_sort import MeetingSort
from attio_async_api.models.write_meeting_links import WriteMeetingLinks
from attio_async_api.operations import (
    CREATE_MEETING,
    DELETE_MEETING,
    GET_MEETING,
    LIST_MEETINGS,
    OVERWRITE_MEETING,
    UPDATE_MEETING,
)

from .._pagination.paginator import Paginator
from .._workspace.arguments import (
    as_list,
    check_length,
    object_and_record_id,
    record_link,
    resource_id,
    timestamp,
)
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError

_LONGEST_TITLE = 1_000
_LONGEST_DESCRIPTION = 10_000
_MOST_PARTICIPANTS = 500
_MOST_LINKS = 50


class Meetings:
    """The meetings of the workspace. A meeting may be named by its id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self,
        *,
        record: object = None,
        participants: Iterable[str] = (),
        ends_from: datetime | str | None = None,
        starts_before: datetime | str | None = None,
        timezone: str | None = None,
        sort: MeetingSort | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Meeting]:
        """The meetings that fit everything given; the first to start first, unless `sort` says otherwise.

        Args:
            record: Only those about this Record, RecordRef or web address.
            participants: Only those that somebody with one of these e-mail addresses takes part in.
            ends_from: Only those that end at this moment or later.
            starts_before: Only those that start before this moment.
            timezone: The zone in which whole-day meetings start and end, such as "Europe/Paris"; UTC by default.
            sort: "start_asc" or "start_desc".
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 200; by default 200.

        Attio: GET /v2/meetings (beta), read, retried, meeting:read, record_permission:read
        """
        linked_object, linked_record_id = (None, None) if record is None else object_and_record_id(record)
        build = partial(
            list_meetings.build_request,
            linked_object=linked_object,
            linked_record_id=linked_record_id,
            participants=",".join(as_list(participants, "participants")) or None,
            sort=sort,
            ends_from=None if ends_from is None else timestamp(ends_from, "ends_from"),
            starts_before=None if starts_before is None else timestamp(starts_before, "starts_before"),
            timezone=timezone,
        )
        return paginate(
            self._session,
            LIST_MEETINGS,
            build,
            list_reader(Meeting.from_dict),
            limit=limit,
            page_size=page_size,
        )

    async def get(self, meeting: str | Meeting) -> Meeting:
        """One meeting.

        Raises:
            NotFound: There is no such meeting.

        Attio: GET /v2/meetings/{meeting_id} (beta), read, retried, meeting:read, record_permission:read
        """
        built = get_meeting.build_request(resource_id(meeting, "meeting_id"))
        return await self._session.one(GET_MEETING, built, Meeting.from_dict)

    async def create(
        self,
        title: str,
        *,
        start: date,
        end: date,
        description: str = "",
        participants: Iterable[str | Mapping[str, Any] | MeetingParticipant] = (),
        linked_records: Iterable[object] = (),
    ) -> Meeting:
        """The new meeting. Attio may already have it from a calendar: nothing keeps it from being there twice.

        Args:
            title: At most 1,000 characters.
            start: When it starts: a datetime with a time zone, or a date for a meeting of whole days.
            end: When it ends; a date if the start is one.
            description: At most 10,000 characters.
            participants: Who takes part, 500 at most: e-mail addresses, or mappings with email_address, name,
                is_organizer and status ("accepted", "tentative", "declined", "pending").
            linked_records: What it is about, 50 records at most: Records, RecordRefs or web addresses.

        Raises:
            ConfigurationError: Something is too long, or the times do not go together. Nothing was sent.
            CoercionError: An argument cannot be what it should be. Nothing was sent.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could create it twice.

        Attio: POST /v2/meetings (beta), write, not repeated, meeting:read-write, record_permission:read
        """
        check_length(title, _LONGEST_TITLE, "title")
        check_length(description, _LONGEST_DESCRIPTION, "description")
        _in_order(start, end)
        body = CreateMeeting(
            title=title,
            description=description,
            start=_time(start, "start"),
            end=_time(end, "end"),
            is_all_day=not isinstance(start, datetime),
            participants=[
                _participant(p) for p in as_list(participants, "participants", most=_MOST_PARTICIPANTS)
            ],
            linked_records=_links(linked_records),
        )
        return await self._session.one(
            CREATE_MEETING, create_meeting.build_request(body=body), Meeting.from_dict
        )

    async def add_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting:
        """The meeting, linked to these records besides those it had.

        Args:
            meeting: Which meeting.
            records: Records, RecordRefs or web addresses, 50 at most.

        Raises:
            CoercionError: Something names no record. Nothing was sent.
            NotFound: There is no such meeting.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: PATCH /v2/meetings/{meeting_id} (beta), write, not repeated, meeting:read-write, record_permission:read
        """
        body = WriteMeetingLinks(linked_records=_links(records))
        built = update_meeting.build_request(resource_id(meeting, "meeting_id"), body=body)
        return await self._session.one(UPDATE_MEETING, built, Meeting.from_dict)

    async def replace_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting:
        """The meeting, linked to these records and no others; none of them unlinks all.

        Args:
            meeting: Which meeting.
            records: Records, RecordRefs or web addresses, 50 at most.

        Raises:
            CoercionError: Something names no record. Nothing was sent.
            NotFound: There is no such meeting.

        Attio: PUT /v2/meetings/{meeting_id} (beta), write, retried, meeting:read-write, record_permission:read
        """
        body = WriteMeetingLinks(linked_records=_links(records))
        built = overwrite_meeting.build_request(resource_id(meeting, "meeting_id"), body=body)
        return await self._session.one(OVERWRITE_MEETING, built, Meeting.from_dict)

    async def delete(self, meeting: str | Meeting) -> None:
        """Delete a meeting, for good.

        Raises:
            BadRequest: The meeting cannot be deleted through the API.
            NotFound: There is no such meeting.

        Attio: DELETE /v2/meetings/{meeting_id} (beta), write, retried, meeting:read-write
        """
        await self._session.done(
            DELETE_MEETING, delete_meeting.build_request(resource_id(meeting, "meeting_id"))
        )


def _in_order(start: date, end: date) -> None:
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise ConfigurationError("start and end are both dates, or both datetimes with a time zone")
    if isinstance(start, datetime) and isinstance(end, datetime) and not (start.tzinfo and end.tzinfo):
        raise ConfigurationError("start and end need a time zone: datetime(..., tzinfo=...)")
    if end < start:
        raise ConfigurationError(f"the meeting ends ({end}) before it starts ({start})")


def _time(when: date, argument: str) -> dict[str, str | None]:
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"datetime": timestamp(when, argument), "timezone": getattr(when.tzinfo, "key", None)}


def _participant(given: str | Mapping[str, Any] | MeetingParticipant) -> Mapping[str, Any]:
    fresh = {"is_organizer": False, "status": "pending"}
    if isinstance(given, str):
        return {**fresh, "email_address": given}
    fields = given.raw if isinstance(given, MeetingParticipant) else given
    return {**fresh, **{name: value for name, value in fields.items() if value is not None}}


def _links(records: Iterable[object]) -> list[dict[str, str]]:
    given = as_list(records, "linked records", most=_MOST_LINKS)
    return [record_link(record, "linked_records") for record in given]
