"""The body of create_note."""

from typing import Any

from attrs import frozen

from ..models.note_format import NoteFormat
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateNote:
    """The body of create_note."""

    parent_object: str
    parent_record_id: str
    title: str
    format: NoteFormat
    content: str
    created_at: str | Unset = UNSET
    meeting_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "parent_object": self.parent_object,
                "parent_record_id": self.parent_record_id,
                "title": self.title,
                "format": self.format,
                "content": self.content,
                "created_at": self.created_at,
                "meeting_id": self.meeting_id,
            }
        )
