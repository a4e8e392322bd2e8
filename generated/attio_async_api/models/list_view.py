"""An answer of list_list_views."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.list_view_id import ListViewId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class ListView(JsonData):
    """An answer of list_list_views. `raw` is all of it, as the API sent it."""

    id: ListViewId
    title: str
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", ListViewId.from_dict),
            title=source.get("title"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
