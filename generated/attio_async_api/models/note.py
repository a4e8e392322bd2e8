"""An answer of list_notes, create_note, get_note, update_note."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.note_id import NoteId
from ..models.note_tag import NoteTag
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Note:
    """An answer of list_notes, create_note, get_note, update_note. What it holds beside these fields is in `additional_properties`."""

    id: NoteId
    parent_object: str
    parent_record_id: str
    title: str
    meeting_id: None | str
    content_plaintext: str
    content_markdown: str
    tags: list[NoteTag]
    created_by_actor: Actor
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", NoteId.from_dict),
            parent_object=rest.pop("parent_object", None),
            parent_record_id=rest.pop("parent_record_id", None),
            title=rest.pop("title", None),
            meeting_id=rest.pop("meeting_id", None),
            content_plaintext=rest.pop("content_plaintext", None),
            content_markdown=rest.pop("content_markdown", None),
            tags=read_objects(rest, "tags", NoteTag.from_dict),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
