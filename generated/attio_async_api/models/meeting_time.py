"""A part of an answer."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..types import read_moment


@frozen(kw_only=True)
class MeetingTime(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    datetime: dt.datetime | None
    timezone: None | str
    date: str | None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            datetime=read_moment(source, "datetime"),
            timezone=source.get("timezone"),
            date=source.get("date"),
            raw=source,
        )
