"""An answer of list_record_entries."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..types import read_moment


@frozen(kw_only=True)
class RecordEntry(JsonData):
    """An answer of list_record_entries. `raw` is all of it, as the API sent it."""

    list_id: str
    list_api_slug: str
    entry_id: str
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            list_id=source.get("list_id"),
            list_api_slug=source.get("list_api_slug"),
            entry_id=source.get("entry_id"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
