"""The body of create_comment."""

from typing import Any

from attrs import frozen

from ..models.plaintext_format import PlaintextFormat
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateComment:
    """The body of create_comment."""

    format: PlaintextFormat
    content: str
    author: Any
    created_at: str | Unset = UNSET
    thread_id: str | Unset = UNSET
    record: Any | Unset = UNSET
    entry: Any | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "format": self.format,
                "content": self.content,
                "author": self.author,
                "created_at": self.created_at,
                "thread_id": self.thread_id,
                "record": self.record,
                "entry": self.entry,
            }
        )
