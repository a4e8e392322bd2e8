"""The body of update_note."""

from typing import Any

from attrs import frozen

from ..models.note_format import NoteFormat
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateNote:
    """The body of update_note."""

    title: str | Unset = UNSET
    format: NoteFormat | Unset = UNSET
    content: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "title": self.title,
                "format": self.format,
                "content": self.content,
            }
        )
