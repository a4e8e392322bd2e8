"""The body of create_file."""

from typing import Any

from attrs import frozen

from ..models.create_file_file_type import CreateFileFileType
from ..models.external_storage_provider import ExternalStorageProvider
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class CreateFile:
    """The body of create_file."""

    object: str
    record_id: str
    file_type: CreateFileFileType
    name: str | Unset = UNSET
    parent_folder_id: str | Unset = UNSET
    storage_provider: ExternalStorageProvider | Unset = UNSET
    external_provider_file_id: str | Unset = UNSET
    microsoft_drive_id: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "object": self.object,
                "record_id": self.record_id,
                "file_type": self.file_type,
                "name": self.name,
                "parent_folder_id": self.parent_folder_id,
                "storage_provider": self.storage_provider,
                "external_provider_file_id": self.external_provider_file_id,
                "microsoft_drive_id": self.microsoft_drive_id,
            }
        )
