"""An answer of get_call_transcript."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.call_recording_id import CallRecordingId
from ..models.transcript_segment import TranscriptSegment
from ..types import read_object, read_objects


@frozen(kw_only=True)
class CallTranscript:
    """An answer of get_call_transcript. What it holds beside these fields is in `additional_properties`."""

    id: CallRecordingId
    transcript: list[TranscriptSegment]
    raw_transcript: str
    web_url: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", CallRecordingId.from_dict),
            transcript=read_objects(rest, "transcript", TranscriptSegment.from_dict),
            raw_transcript=rest.pop("raw_transcript", None),
            web_url=rest.pop("web_url", None),
            additional_properties=rest,
        )
