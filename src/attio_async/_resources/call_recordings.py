"""Recordings of calls, and what was said in them. Each belongs to a meeting."""

from collections.abc import Iterable, Mapping
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
from attio_async_api.models.call_recording import CallRecording
from attio_async_api.models.call_recording_summary import CallRecordingSummary
from attio_async_api.models.call_transcript import CallTranscript
from attio_async_api.models.create_call_recording import CreateCallRecording
from attio_async_api.models.transcript_segment import TranscriptSegment
from attio_async_api.operations import (
    CREATE_CALL_RECORDING,
    DELETE_CALL_RECORDING,
    GET_CALL_RECORDING,
    GET_CALL_TRANSCRIPT,
    LIST_CALL_RECORDINGS,
)
from attio_async_api.types import UNSET, CompositeId

from .._pagination.paginator import Paginator
from .._workspace.arguments import as_list, resource_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, item_reader, list_reader
from ..errors import ConfigurationError

_MOST_SEGMENTS = 4_000


class CallRecordings:
    """The call recordings of meetings.

    A recording is named by its meeting and its id; one that was read knows its meeting and is enough.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self, meeting: object, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[CallRecordingSummary]:
        """The recordings of a meeting, without their transcripts.

        Args:
            meeting: Its id, or one that was read.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 200; by default 200.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings (beta), read, retried, meeting:read, call_recording:read
        """
        build = partial(list_call_recordings.build_request, resource_id(meeting, "meeting_id"))
        read = list_reader(CallRecordingSummary.from_dict)
        return paginate(self._session, LIST_CALL_RECORDINGS, build, read, limit=limit, page_size=page_size)

    async def get(self, recording: object, *, meeting: object = None) -> CallRecording:
        """One recording, with its transcript as far as there is one.

        Args:
            recording: Its id, or one that was read.
            meeting: The meeting it belongs to; needed with a mere id.

        Raises:
            NotFound: There is no such recording.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), read, retried, meeting:read, call_recording:read
        """
        built = get_call_recording.build_request(*_named(recording, meeting))
        return await self._session.one(GET_CALL_RECORDING, built, CallRecording.from_dict)

    async def create(
        self,
        meeting: object,
        *,
        video_url: str | None = None,
        transcript: Iterable[Mapping[str, Any] | TranscriptSegment] | None = None,
    ) -> CallRecordingSummary:
        """The new recording. Its status is "processing" until Attio has fetched the video.

        Args:
            meeting: The meeting it is of.
            video_url: Where Attio can fetch the video. Give this, `transcript` or both.
            transcript: What was said, 4,000 segments at most: mappings with speech, start_time and end_time (in
                seconds from the start) and speaker, a mapping with name and perhaps email_address.

        Raises:
            ConfigurationError: Neither was given, or there are too many segments. Nothing was sent.
            BillingLimit: The plan does not cover it. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could create it twice.

        Attio: POST /v2/meetings/{meeting_id}/call_recordings (beta), write, not repeated, meeting:read, call_recording:read-write
        """
        if video_url is None and transcript is None:
            raise ConfigurationError("a call recording has a video_url, a transcript or both")
        body = CreateCallRecording(
            video_url=UNSET if video_url is None else video_url,
            transcript=UNSET if transcript is None else _segments(transcript),
        )
        built = create_call_recording.build_request(resource_id(meeting, "meeting_id"), body=body)
        return await self._session.one(CREATE_CALL_RECORDING, built, CallRecordingSummary.from_dict)

    async def delete(self, recording: object, *, meeting: object = None) -> None:
        """Delete a recording, for good.

        Args:
            recording: Its id, or one that was read.
            meeting: The meeting it belongs to; needed with a mere id.

        Raises:
            NotFound: There is no such recording.

        Attio: DELETE /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), write, retried, meeting:read, call_recording:read-write
        """
        built = delete_call_recording.build_request(*_named(recording, meeting))
        await self._session.done(DELETE_CALL_RECORDING, built)

    def transcript(self, recording: object, *, meeting: object = None) -> Paginator[TranscriptSegment]:
        """What was said, piece by piece. Attio deprecates this; `get` answers with the transcript too.

        Args:
            recording: Its id, or one that was read.
            meeting: The meeting it belongs to; needed with a mere id.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id}/transcript (beta, deprecated), read, retried, meeting:read, call_recording:read
        """
        build = partial(get_call_transcript.build_request, *_named(recording, meeting))
        read = item_reader(CallTranscript.from_dict)
        return paginate(self._session, GET_CALL_TRANSCRIPT, build, lambda body: read(body).transcript)


def _named(recording: object, meeting: object) -> tuple[str, str]:
    mere_id = isinstance(recording, str | UUID) and not isinstance(recording, CompositeId)
    if meeting is None and mere_id:
        raise ConfigurationError("a recording named by its id needs its meeting too: meeting=")
    whose = recording if meeting is None else meeting
    return resource_id(whose, "meeting_id"), resource_id(recording, "call_recording_id")


def _segments(given: Iterable[Mapping[str, Any] | TranscriptSegment]) -> list[Mapping[str, Any]]:
    segments = as_list(given, "transcript segments", most=_MOST_SEGMENTS)
    return [each.raw if isinstance(each, TranscriptSegment) else each for each in segments]
