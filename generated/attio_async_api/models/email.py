"""An answer of list_emails."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.email_id import EmailId
from ..models.email_participant import EmailParticipant
from ..models.linked_record import LinkedRecord
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Email:
    """An answer of list_emails. What it holds beside these fields is in `additional_properties`."""

    id: EmailId
    sent_at: datetime.datetime
    direction: str
    subject_line: None | str
    participants: list[EmailParticipant]
    linked_records: list[LinkedRecord]
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", EmailId.from_dict),
            sent_at=read_moment(rest, "sent_at"),
            direction=rest.pop("direction", None),
            subject_line=rest.pop("subject_line", None),
            participants=read_objects(rest, "participants", EmailParticipant.from_dict),
            linked_records=read_objects(rest, "linked_records", LinkedRecord.from_dict),
            additional_properties=rest,
        )
