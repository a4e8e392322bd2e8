"""An answer of get_thread."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.comment import Comment
from ..models.thread_id import ThreadId
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Thread:
    """An answer of get_thread. What it holds beside these fields is in `additional_properties`."""

    id: ThreadId
    created_at: datetime.datetime
    comments: list[Comment]
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", ThreadId.from_dict),
            created_at=read_moment(rest, "created_at"),
            comments=read_objects(rest, "comments", Comment.from_dict),
            additional_properties=rest,
        )
