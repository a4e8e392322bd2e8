"""An answer of create_comment, get_comment."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.comment_entry import CommentEntry
from ..models.comment_id import CommentId
from ..models.comment_record import CommentRecord
from ..types import read_moment, read_object


@frozen(kw_only=True)
class Comment:
    """An answer of create_comment, get_comment. What it holds beside these fields is in `additional_properties`."""

    id: CommentId
    thread_id: str
    content_plaintext: str
    entry: CommentEntry | None
    record: CommentRecord
    resolved_at: datetime.datetime | None
    resolved_by: Actor | None
    created_at: datetime.datetime
    author: Actor
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", CommentId.from_dict),
            thread_id=rest.pop("thread_id", None),
            content_plaintext=rest.pop("content_plaintext", None),
            entry=read_object(rest, "entry", CommentEntry.from_dict),
            record=read_object(rest, "record", CommentRecord.from_dict),
            resolved_at=read_moment(rest, "resolved_at"),
            resolved_by=read_object(rest, "resolved_by", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            author=read_object(rest, "author", Actor.from_dict),
            additional_properties=rest,
        )
