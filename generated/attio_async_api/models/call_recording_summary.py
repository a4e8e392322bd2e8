"""An answer of list_call_recordings, create_call_recording."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.call_recording_id import CallRecordingId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class CallRecordingSummary(JsonData):
    """An answer of list_call_recordings, create_call_recording. `raw` is all of it, as the API sent it."""

    id: CallRecordingId
    status: str
    web_url: str
    created_by_actor: Actor
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", CallRecordingId.from_dict),
            status=source.get("status"),
            web_url=source.get("web_url"),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
