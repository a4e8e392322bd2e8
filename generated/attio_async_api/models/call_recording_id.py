"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class CallRecordingId:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    workspace_id: str
    meeting_id: str
    call_recording_id: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            workspace_id=rest.pop("workspace_id", None),
            meeting_id=rest.pop("meeting_id", None),
            call_recording_id=rest.pop("call_recording_id", None),
            additional_properties=rest,
        )
