"""An answer of unsubscribe_emails."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..types import read_moment


@frozen(kw_only=True)
class UnsubscribedEmail(JsonData):
    """An answer of unsubscribe_emails. `raw` is all of it, as the API sent it."""

    email_address: str
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            email_address=source.get("email_address"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
