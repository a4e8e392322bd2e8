"""Meetings, the records linked to them, and their call recordings."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from attio_async_api.api.call_recordings import (
    create_call_recording,
    delete_call_recording,
    get_call_recording,
    get_call_transcript,
    list_call_recordings,
)
from attio_async_api.api.meetings import (
    create_meeting,
    delete_meeting,
    get_meeting,
    list_meetings,
    overwrite_meeting,
    update_meeting,
)
from attio_async_api.models.call_recording import CallRecording
from attio_async_api.models.call_recording_summary import CallRecordingSummary
from attio_async_api.models.call_transcript import CallTranscript
from attio_async_api.models.create_call_recording import CreateCallRecording
from attio_async_api.models.create_meeting import CreateMeeting
from attio_async_api.models.meeting import Meeting
from attio_async_api.models.meeting_participant import MeetingParticipant
from attio_async_api.models.meeting_sort import MeetingSort
from attio_async_api.models.transcript_segment import TranscriptSegment
from attio_async_api.models.write_meeting_links import WriteMeetingLinks
from attio_async_api.types import UNSET, CompositeId

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._utils.text import show
from .._workspace.arguments import (
    as_list,
    as_texts,
    check_length,
    find_link,
    optional_timestamp,
    record_lookup,
    resource_id,
    timestamp,
)
from .._workspace.collection import Collection
from .._workspace.list_page import paginate
from .._workspace.session import Session, item_reader, list_reader
from ..errors import ConfigurationError

_MAX_TITLE_LENGTH = 1_000
_MAX_DESCRIPTION_LENGTH = 10_000
_MAX_PARTICIPANTS = 500
_MAX_LINKED_RECORDS = 50


@public
class Meetings:
    """The meetings of the workspace. Give a meeting by id, or as the `Meeting` that the API returned."""

    def __init__(self, session: Session) -> None:
        self._meetings = Collection(
            session=session, parse=Meeting.from_dict, id_of=partial(resource_id, part="meeting_id")
        )

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
        """List the meetings that match all arguments, by their start, the earliest first.

        Args:
            record: Only meetings linked to this Record, RecordRef, address in the app or
                ``Ref("companies", domain="example.com")``.
            participants: Only meetings with one of these e-mail addresses.
            ends_from: Only meetings that end at this time or later; with a time zone.
            starts_before: Only meetings that start before this time; with a time zone.
            timezone: The time zone in which all-day meetings start and end, such as "Europe/Paris"; UTC by default.
            sort: "start_asc" or "start_desc".
            limit: The most meetings to return; all by default.
            page_size: Meetings per page, 1 to 200.

        Attio: GET /v2/meetings (beta), read, retried, meeting:read, record_permission:read
        """
        look_up, tz = None, self._meetings.session.names.assume_tz
        if record is not None:
            session = self._meetings.session
            look_up = record_lookup(session, record, "record", "linked_object", "linked_record_id")
        return self._meetings.list(
            list_meetings,
            look_up=look_up,
            participants=",".join(as_texts(participants, "participants")) or None,
            sort=sort,
            ends_from=optional_timestamp(ends_from, "ends_from", tz),
            starts_before=optional_timestamp(starts_before, "starts_before", tz),
            timezone=timezone,
            limit=limit,
            page_size=page_size,
        )

    async def get(self, meeting: str | Meeting) -> Meeting:
        """Return one meeting.

        Raises:
            NotFound: The meeting does not exist.

        Attio: GET /v2/meetings/{meeting_id} (beta), read, retried, meeting:read, record_permission:read
        """
        return await self._meetings.get(get_meeting, meeting)

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
        """Create a meeting, and return it. A meeting that Attio has from a calendar, too, is then there twice.

        Args:
            title: At most 1,000 characters.
            start: A datetime, with a time zone unless the client assumes one, or a date for an all-day meeting.
            end: The end; a date if `start` is one.
            description: At most 10,000 characters.
            participants: At most 500 e-mail addresses, or mappings with email_address, name, is_organizer and status
                ("accepted", "tentative", "declined", "pending").
            linked_records: At most 50 Records, RecordRefs or addresses in the app.

        Raises:
            ConfigurationError: Something is too long, the times do not fit together, or a participant is neither an
                address nor a mapping. Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the meeting twice.

        Attio: POST /v2/meetings (beta), write, not repeated, meeting:read-write, record_permission:read
        """
        check_length(title, _MAX_TITLE_LENGTH, "title")
        check_length(description, _MAX_DESCRIPTION_LENGTH, "description")
        zone = self._meetings.session.names.assume_tz
        start, end = _in_zone(start, zone), _in_zone(end, zone)
        _check_times(start, end)
        given = as_list(participants, "participants", max_items=_MAX_PARTICIPANTS)
        body = CreateMeeting(
            title=title,
            description=description,
            start=_encode_time(start, "start"),
            end=_encode_time(end, "end"),
            is_all_day=not isinstance(start, datetime),
            participants=[_encode_participant(each) for each in given],
            linked_records=await _links(self._meetings.session, linked_records),
        )
        return await self._meetings.create(create_meeting, body)

    async def add_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting:
        """Link records to a meeting besides those linked already, and return the meeting.

        Args:
            meeting: The meeting.
            records: At most 50 Records, RecordRefs or addresses in the app.

        Raises:
            CoercionError: A record is not valid. Nothing was sent.
            NotFound: The meeting does not exist.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: PATCH /v2/meetings/{meeting_id} (beta), write, not repeated, meeting:read-write, record_permission:read
        """
        body = WriteMeetingLinks(linked_records=await _links(self._meetings.session, records))
        return await self._meetings.update(update_meeting, meeting, body)

    async def replace_links(self, meeting: str | Meeting, records: Iterable[object]) -> Meeting:
        """Link these records to a meeting and unlink all others, and return the meeting.

        Args:
            meeting: The meeting.
            records: At most 50 Records, RecordRefs or addresses in the app; an empty list unlinks all.

        Raises:
            CoercionError: A record is not valid. Nothing was sent.
            NotFound: The meeting does not exist.

        Attio: PUT /v2/meetings/{meeting_id} (beta), write, retried, meeting:read-write, record_permission:read
        """
        body = WriteMeetingLinks(linked_records=await _links(self._meetings.session, records))
        return await self._meetings.update(overwrite_meeting, meeting, body)

    async def delete(self, meeting: str | Meeting) -> None:
        """Delete a meeting for good.

        Raises:
            BadRequest: The meeting cannot be deleted through the API.
            NotFound: The meeting does not exist.

        Attio: DELETE /v2/meetings/{meeting_id} (beta), write, retried, meeting:read-write
        """
        await self._meetings.delete(delete_meeting, meeting)


def _in_zone(when: date, zone: tzinfo | None) -> date:
    """Return a time without a time zone in that of the client, if it has one; anything else as it is."""
    if isinstance(when, datetime) and when.tzinfo is None and zone is not None:
        return when.replace(tzinfo=zone)
    return when


def _check_times(start: date, end: date) -> None:
    for name, when in {"start": start, "end": end}.items():
        if not isinstance(when, date):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"{name} must be a date or a datetime, not {show(when)}")
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise ConfigurationError("start and end must both be dates, or both be datetimes with a time zone")
    if isinstance(start, datetime) and isinstance(end, datetime) and not (start.tzinfo and end.tzinfo):
        raise ConfigurationError("start and end need a time zone; write datetime(..., tzinfo=...)")
    if end < start:
        raise ConfigurationError(f"end ({end}) is before start ({start})")


def _encode_time(when: date, argument: str) -> dict[str, str | None]:
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"datetime": timestamp(when, argument), "timezone": getattr(when.tzinfo, "key", None)}


def _encode_participant(given: str | Mapping[str, Any] | MeetingParticipant) -> Mapping[str, Any]:
    defaults = {"is_organizer": False, "status": "pending"}
    if isinstance(given, str):
        return {**defaults, "email_address": given}
    fields = given.raw if isinstance(given, MeetingParticipant) else given
    if not isinstance(fields, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"participants must be e-mail addresses or dicts, not {show(given)}")
    return {**defaults, **{name: value for name, value in fields.items() if value is not None}}


async def _links(session: Session, records: Iterable[object]) -> list[dict[str, str]]:
    given = as_list(records, "linked_records", max_items=_MAX_LINKED_RECORDS)
    return [await find_link(session, record, "linked_records") for record in given]


_MAX_SEGMENTS = 4_000


@public
class CallRecordings:
    """The call recordings of meetings.

    Give a recording as the API returned it, which includes its meeting, or by the ids of both.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self, meeting: object, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[CallRecordingSummary]:
        """List the recordings of a meeting, without their transcripts.

        Args:
            meeting: The meeting, by id or as the API returned it.
            limit: The most recordings to return; all by default.
            page_size: Recordings per page, 1 to 200.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings (beta), read, retried, meeting:read, call_recording:read
        """
        read, id_ = list_reader(CallRecordingSummary.from_dict), resource_id(meeting, "meeting_id")
        return paginate(self._session, list_call_recordings, read, id_, limit=limit, page_size=page_size)

    async def get(self, recording: object, *, meeting: object = None) -> CallRecording:
        """Return one recording, with the transcript if there is one.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Raises:
            NotFound: The recording does not exist.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), read, retried, meeting:read, call_recording:read
        """
        ids = _meeting_and_recording_id(recording, meeting)
        return await self._session.one(get_call_recording, CallRecording.from_dict, *ids)

    async def create(
        self,
        meeting: object,
        *,
        video_url: str | None = None,
        transcript: Iterable[Mapping[str, Any] | TranscriptSegment] | None = None,
    ) -> CallRecordingSummary:
        """Create a recording, and return it. Its status is "processing" until Attio has fetched the video.

        Args:
            meeting: The meeting that was recorded.
            video_url: The address from which Attio can fetch the video. Give this, `transcript` or both.
            transcript: At most 4,000 segments: mappings with speech, start_time and end_time (in seconds from the
                start) and speaker, a mapping with name and optionally email_address.

        Raises:
            ConfigurationError: Neither was given, or there are too many segments. Nothing was sent.
            BillingLimit: The plan does not include it. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the recording twice.

        Attio: POST /v2/meetings/{meeting_id}/call_recordings (beta), write, not repeated, meeting:read, call_recording:read-write
        """
        if video_url is None and transcript is None:
            raise ConfigurationError(
                "a call recording needs a video_url, a transcript or both; none was given"
            )
        body = CreateCallRecording(
            video_url=UNSET if video_url is None else video_url,
            transcript=UNSET if transcript is None else _encode_segments(transcript),
        )
        id_ = resource_id(meeting, "meeting_id")
        return await self._session.one(create_call_recording, CallRecordingSummary.from_dict, id_, body=body)

    async def delete(self, recording: object, *, meeting: object = None) -> None:
        """Delete a recording for good.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Raises:
            NotFound: The recording does not exist.

        Attio: DELETE /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), write, retried, meeting:read, call_recording:read-write
        """
        await self._session.execute(delete_call_recording, *_meeting_and_recording_id(recording, meeting))

    def transcript(self, recording: object, *, meeting: object = None) -> Paginator[TranscriptSegment]:
        """List the segments of a transcript. Attio deprecates this; `get` returns the transcript, too.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id}/transcript (beta, deprecated), read, retried, meeting:read, call_recording:read
        """
        read, ids = item_reader(CallTranscript.from_dict), _meeting_and_recording_id(recording, meeting)
        return paginate(self._session, get_call_transcript, lambda body: read(body).transcript, *ids)


def _meeting_and_recording_id(recording: object, meeting: object) -> tuple[str, str]:
    is_plain_id = isinstance(recording, str | UUID) and not isinstance(recording, CompositeId)
    if meeting is None and is_plain_id:
        raise ConfigurationError("a recording that is given by its id needs its meeting; give meeting=")
    meeting_id = resource_id(recording if meeting is None else meeting, "meeting_id")
    return meeting_id, resource_id(recording, "call_recording_id")


def _encode_segments(given: Iterable[Mapping[str, Any] | TranscriptSegment]) -> list[Mapping[str, Any]]:
    segments = as_list(given, "transcript", max_items=_MAX_SEGMENTS)
    return [each.raw if isinstance(each, TranscriptSegment) else each for each in segments]
