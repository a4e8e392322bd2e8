"""Call recordings of meetings, and their transcripts."""

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
from .._utils.public import public
from .._workspace.arguments import as_list, resource_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, item_reader, list_reader
from ..errors import ConfigurationError

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
        build = partial(list_call_recordings.build_request, resource_id(meeting, "meeting_id"))
        read = list_reader(CallRecordingSummary.from_dict)
        return paginate(self._session, LIST_CALL_RECORDINGS, build, read, limit=limit, page_size=page_size)

    async def get(self, recording: object, *, meeting: object = None) -> CallRecording:
        """Return one recording, with the transcript if there is one.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Raises:
            NotFound: The recording does not exist.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), read, retried, meeting:read, call_recording:read
        """
        built = get_call_recording.build_request(*_meeting_and_recording_id(recording, meeting))
        return await self._session.one(GET_CALL_RECORDING, built, CallRecording.from_dict)

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
        built = create_call_recording.build_request(resource_id(meeting, "meeting_id"), body=body)
        return await self._session.one(CREATE_CALL_RECORDING, built, CallRecordingSummary.from_dict)

    async def delete(self, recording: object, *, meeting: object = None) -> None:
        """Delete a recording for good.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Raises:
            NotFound: The recording does not exist.

        Attio: DELETE /v2/meetings/{meeting_id}/call_recordings/{call_recording_id} (beta), write, retried, meeting:read, call_recording:read-write
        """
        built = delete_call_recording.build_request(*_meeting_and_recording_id(recording, meeting))
        await self._session.execute(DELETE_CALL_RECORDING, built)

    def transcript(self, recording: object, *, meeting: object = None) -> Paginator[TranscriptSegment]:
        """List the segments of a transcript. Attio deprecates this; `get` returns the transcript, too.

        Args:
            recording: The recording, by id or as the API returned it.
            meeting: The meeting; required if `recording` is only an id.

        Attio: GET /v2/meetings/{meeting_id}/call_recordings/{call_recording_id}/transcript (beta, deprecated), read, retried, meeting:read, call_recording:read
        """
        build = partial(get_call_transcript.build_request, *_meeting_and_recording_id(recording, meeting))
        read = item_reader(CallTranscript.from_dict)
        return paginate(self._session, GET_CALL_TRANSCRIPT, build, lambda body: read(body).transcript)


def _meeting_and_recording_id(recording: object, meeting: object) -> tuple[str, str]:
    is_plain_id = isinstance(recording, str | UUID) and not isinstance(recording, CompositeId)
    if meeting is None and is_plain_id:
        raise ConfigurationError("a recording that is given by its id needs its meeting; give meeting=")
    meeting_id = resource_id(recording if meeting is None else meeting, "meeting_id")
    return meeting_id, resource_id(recording, "call_recording_id")


def _encode_segments(given: Iterable[Mapping[str, Any] | TranscriptSegment]) -> list[Mapping[str, Any]]:
    segments = as_list(given, "transcript", max_items=_MAX_SEGMENTS)
    return [each.raw if isinstance(each, TranscriptSegment) else each for each in segments]
