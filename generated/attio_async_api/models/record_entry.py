"""An answer of list_record_entries."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..types import read_moment


@frozen(kw_only=True)
class RecordEntry:
    """An answer of list_record_entries. What it holds beside these fields is in `additional_properties`."""

    list_id: str
    list_api_slug: str
    entry_id: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            list_id=rest.pop("list_id", None),
            list_api_slug=rest.pop("list_api_slug", None),
            entry_id=rest.pop("entry_id", None),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
