"""An answer of get_call_transcript."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.call_recording_id import CallRecordingId
from ..models.transcript_segment import TranscriptSegment
from ..types import read_object, read_objects


@frozen(kw_only=True)
class CallTranscript(JsonData):
    """An answer of get_call_transcript. `raw` is all of it, as the API sent it."""

    id: CallRecordingId
    transcript: list[TranscriptSegment]
    raw_transcript: str
    web_url: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", CallRecordingId.from_dict),
            transcript=read_objects(source, "transcript", TranscriptSegment.from_dict),
            raw_transcript=source.get("raw_transcript"),
            web_url=source.get("web_url"),
            raw=source,
        )
