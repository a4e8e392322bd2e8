"""An answer of upload_file."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.file_id import FileId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class File:
    """An answer of upload_file. What it holds beside these fields is in `additional_properties`."""

    id: FileId
    object_id: str
    object_slug: str
    record_id: str
    storage_provider: str
    created_by_actor: Actor
    created_at: datetime.datetime
    file_type: str
    name: str
    content_type: None | str
    content_size: float | None
    parent_folder_id: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", FileId.from_dict),
            object_id=rest.pop("object_id", None),
            object_slug=rest.pop("object_slug", None),
            record_id=rest.pop("record_id", None),
            storage_provider=rest.pop("storage_provider", None),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            file_type=rest.pop("file_type", None),
            name=rest.pop("name", None),
            content_type=rest.pop("content_type", None),
            content_size=rest.pop("content_size", None),
            parent_folder_id=rest.pop("parent_folder_id", None),
            additional_properties=rest,
        )
