"""An answer of list_emails."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.email_id import EmailId
from ..models.email_participant import EmailParticipant
from ..models.linked_record import LinkedRecord
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Email(JsonData):
    """An answer of list_emails. `raw` is all of it, as the API sent it."""

    id: EmailId
    sent_at: dt.datetime
    direction: str
    subject_line: None | str
    participants: list[EmailParticipant]
    linked_records: list[LinkedRecord]
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", EmailId.from_dict),
            sent_at=read_moment(source, "sent_at"),
            direction=source.get("direction"),
            subject_line=source.get("subject_line"),
            participants=read_objects(source, "participants", EmailParticipant.from_dict),
            linked_records=read_objects(source, "linked_records", LinkedRecord.from_dict),
            raw=source,
        )
