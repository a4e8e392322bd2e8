"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.transcript_segment import TranscriptSegment
from ..types import read_objects


@frozen(kw_only=True)
class CallRecordingTranscript(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    segments: list[TranscriptSegment]
    raw_transcript: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            segments=read_objects(source, "segments", TranscriptSegment.from_dict),
            raw_transcript=source.get("raw_transcript"),
            raw=source,
        )
