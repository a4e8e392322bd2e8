"""An answer of create_comment, get_comment."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.comment_entry import CommentEntry
from ..models.comment_id import CommentId
from ..models.comment_record import CommentRecord
from ..types import read_moment, read_object


@frozen(kw_only=True)
class Comment(JsonData):
    """An answer of create_comment, get_comment. `raw` is all of it, as the API sent it."""

    id: CommentId
    thread_id: str
    content_plaintext: str
    entry: CommentEntry | None
    record: CommentRecord
    resolved_at: dt.datetime | None
    resolved_by: Actor | None
    created_at: dt.datetime
    author: Actor
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", CommentId.from_dict),
            thread_id=source.get("thread_id"),
            content_plaintext=source.get("content_plaintext"),
            entry=read_object(source, "entry", CommentEntry.from_dict),
            record=read_object(source, "record", CommentRecord.from_dict),
            resolved_at=read_moment(source, "resolved_at"),
            resolved_by=read_object(source, "resolved_by", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            author=read_object(source, "author", Actor.from_dict),
            raw=source,
        )
