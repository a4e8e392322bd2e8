"""An answer of list_threads."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.comment import Comment
from ..models.thread_id import ThreadId
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class ThreadSummary(JsonData):
    """An answer of list_threads. `raw` is all of it, as the API sent it."""

    id: ThreadId
    created_at: dt.datetime
    comments: list[Comment]
    has_more_comments: bool
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", ThreadId.from_dict),
            created_at=read_moment(source, "created_at"),
            comments=read_objects(source, "comments", Comment.from_dict),
            has_more_comments=source.get("has_more_comments"),
            raw=source,
        )
