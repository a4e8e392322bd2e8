"""An answer of unsubscribe_emails."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..types import read_moment


@frozen(kw_only=True)
class UnsubscribedEmail:
    """An answer of unsubscribe_emails. What it holds beside these fields is in `additional_properties`."""

    email_address: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            email_address=rest.pop("email_address", None),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
