"""A part of an answer."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..types import read_moment


@frozen(kw_only=True)
class MeetingTime:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    datetime_: datetime.datetime | None
    timezone: None | str
    date: str | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            datetime_=read_moment(rest, "datetime"),
            timezone=rest.pop("timezone", None),
            date=rest.pop("date", None),
            additional_properties=rest,
        )
