"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.transcript_speaker import TranscriptSpeaker
from ..types import read_object


@frozen(kw_only=True)
class TranscriptSegment:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    speech: str
    start_time: float
    end_time: float
    speaker: TranscriptSpeaker
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            speech=rest.pop("speech", None),
            start_time=rest.pop("start_time", None),
            end_time=rest.pop("end_time", None),
            speaker=read_object(rest, "speaker", TranscriptSpeaker.from_dict),
            additional_properties=rest,
        )
