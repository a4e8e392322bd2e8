"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.transcript_speaker import TranscriptSpeaker
from ..types import read_object


@frozen(kw_only=True)
class TranscriptSegment(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    speech: str
    start_time: float
    end_time: float
    speaker: TranscriptSpeaker
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            speech=source.get("speech"),
            start_time=source.get("start_time"),
            end_time=source.get("end_time"),
            speaker=read_object(source, "speaker", TranscriptSpeaker.from_dict),
            raw=source,
        )
