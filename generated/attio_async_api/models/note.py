"""An answer of list_notes, create_note, get_note, update_note."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.note_id import NoteId
from ..models.note_tag import NoteTag
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Note(JsonData):
    """An answer of list_notes, create_note, get_note, update_note. `raw` is all of it, as the API sent it."""

    id: NoteId
    parent_object: str
    parent_record_id: str
    title: str
    meeting_id: None | str
    content_plaintext: str
    content_markdown: str
    tags: list[NoteTag]
    created_by_actor: Actor
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", NoteId.from_dict),
            parent_object=source.get("parent_object"),
            parent_record_id=source.get("parent_record_id"),
            title=source.get("title"),
            meeting_id=source.get("meeting_id"),
            content_plaintext=source.get("content_plaintext"),
            content_markdown=source.get("content_markdown"),
            tags=read_objects(source, "tags", NoteTag.from_dict),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
