"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class MeetingParticipant(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    status: str
    is_organizer: bool
    email_address: None | str
    name: None | str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            status=source.get("status"),
            is_organizer=source.get("is_organizer"),
            email_address=source.get("email_address"),
            name=source.get("name"),
            raw=source,
        )
