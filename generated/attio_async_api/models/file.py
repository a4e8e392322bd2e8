"""An answer of get_file."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.file_id import FileId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class File(JsonData):
    """An answer of get_file. `raw` is all of it, as the API sent it."""

    id: FileId
    object_id: str
    object_slug: str
    record_id: str
    storage_provider: str
    created_by_actor: Actor
    created_at: dt.datetime
    file_type: str
    name: str | None
    content_type: None | str
    content_size: float | None
    parent_folder_id: None | str
    has_children: bool | None
    external_provider_file_id: str | None
    microsoft_drive_id: None | str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", FileId.from_dict),
            object_id=source.get("object_id"),
            object_slug=source.get("object_slug"),
            record_id=source.get("record_id"),
            storage_provider=source.get("storage_provider"),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            file_type=source.get("file_type"),
            name=source.get("name"),
            content_type=source.get("content_type"),
            content_size=source.get("content_size"),
            parent_folder_id=source.get("parent_folder_id"),
            has_children=source.get("has_children"),
            external_provider_file_id=source.get("external_provider_file_id"),
            microsoft_drive_id=source.get("microsoft_drive_id"),
            raw=source,
        )
