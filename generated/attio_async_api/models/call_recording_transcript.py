"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.transcript_segment import TranscriptSegment
from ..types import read_objects


@frozen(kw_only=True)
class CallRecordingTranscript:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    segments: list[TranscriptSegment]
    raw_transcript: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            segments=read_objects(rest, "segments", TranscriptSegment.from_dict),
            raw_transcript=rest.pop("raw_transcript", None),
            additional_properties=rest,
        )
