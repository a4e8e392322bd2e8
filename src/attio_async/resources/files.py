"""The files and folders of records: Attio's own, and those connected from elsewhere."""

import os
from functools import partial
from pathlib import Path
from typing import Literal

import attrs

from attio_async_api.api.files import (
    create_file,
    delete_file,
    download_file,
    get_file,
    list_files,
    upload_file,
)
from attio_async_api.models.create_file import CreateFile
from attio_async_api.models.external_storage_provider import ExternalStorageProvider
from attio_async_api.models.file_item import FileItem
from attio_async_api.models.storage_provider import StorageProvider
from attio_async_api.operations import (
    CREATE_FILE,
    DELETE_FILE,
    DOWNLOAD_FILE,
    GET_FILE,
    LIST_FILES,
    UPLOAD_FILE,
)
from attio_async_api.types import UNSET

from .._core.files import real_place
from .._core.message import Request
from .._core.paging import Paginator
from ._arguments import identifier, record_target
from ._base import Wire, items
from ._paged import paged
from ._saving import saved
from ._uploading import Uploadable, form, source_of

__all__ = ["FileItem", "Files"]


class Files:
    """The files and folders of records. A file may be named by its id, or be one that was read.

    `file_type` of each tells what it is: "file", "folder", "connected-file" or "connected-folder".
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(
        self,
        record: object,
        *,
        storage_provider: StorageProvider | None = None,
        parent_folder: object = None,
        limit: int | None = None,
    ) -> Paginator[FileItem]:
        """The files and folders of a record.

        Args:
            record: A Record, RecordRef or web address.
            storage_provider: Only those kept there, such as "attio" or "google-drive".
            parent_folder: Only those in this folder.
            limit: How many a page holds, 1 to 200; by default 200.

        Attio: GET /v2/files (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        target, record_id = record_target(record)
        build = partial(
            list_files.build_request,
            object_=target,
            record_id=record_id,
            storage_provider=storage_provider,
            parent_folder_id=None if parent_folder is None else identifier(parent_folder, "file_id"),
        )
        return paged(self._wire, LIST_FILES, build, items(FileItem.from_dict), limit=limit)

    async def get(self, file: str | FileItem) -> FileItem:
        """What is known of one file or folder.

        Raises:
            NotFound: There is no such file.

        Attio: GET /v2/files/{file_id} (beta), read, retried, file:read, object_configuration:read, record_permission:read
        """
        built = get_file.build_request(identifier(file, "file_id"))
        return await self._wire.one(GET_FILE, built, FileItem.from_dict)

    async def create_folder(self, record: object, name: str, *, parent_folder: object = None) -> FileItem:
        """The new folder of a record.

        Args:
            record: A Record, RecordRef or web address.
            name: What it is called.
            parent_folder: The folder it is in; None for none.

        Raises:
            CoercionError: `record` or `parent_folder` names none. Nothing was sent.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could create it twice.

        Attio: POST /v2/files (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        target, record_id = record_target(record)
        body = CreateFile(
            object=target,
            record_id=record_id,
            file_type="folder",
            name=name,
            parent_folder_id=UNSET if parent_folder is None else identifier(parent_folder, "file_id"),
        )
        return await self._wire.one(CREATE_FILE, create_file.build_request(body=body), FileItem.from_dict)

    async def connect(
        self,
        record: object,
        *,
        file_type: Literal["connected-file", "connected-folder"],
        storage_provider: ExternalStorageProvider,
        external_provider_file_id: str,
        microsoft_drive_id: str | None = None,
    ) -> FileItem:
        """The file or folder of a storage provider, connected to a record. It stays where it is.

        Args:
            record: A Record, RecordRef or web address.
            file_type: "connected-file" or "connected-folder".
            storage_provider: "google-drive", "dropbox", "box" or "microsoft-onedrive".
            external_provider_file_id: The provider's own id of it.
            microsoft_drive_id: The drive it is on, for OneDrive.

        Raises:
            CoercionError: `record` names none. Nothing was sent.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could connect it twice.

        Attio: POST /v2/files (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        target, record_id = record_target(record)
        body = CreateFile(
            object=target,
            record_id=record_id,
            file_type=file_type,
            storage_provider=storage_provider,
            external_provider_file_id=external_provider_file_id,
            microsoft_drive_id=UNSET if microsoft_drive_id is None else microsoft_drive_id,
        )
        return await self._wire.one(CREATE_FILE, create_file.build_request(body=body), FileItem.from_dict)

    async def upload(
        self,
        record: object,
        source: Uploadable,
        *,
        name: str | None = None,
        media_type: str | None = None,
        parent_folder: object = None,
    ) -> FileItem:
        """The uploaded file of a record. Its content is sent as it is read, never held whole.

        Attio allows one upload per second.

        Args:
            record: A Record, RecordRef or web address.
            source: A path, bytes, an async stream of bytes, or a function that opens one. Only a stream that a
                function opens can be sent again when Attio refuses an upload for its rate.
            name: What it is called; by default as at its path. Needed for bytes and streams.
            media_type: Such as "application/pdf"; by default what the name's ending suggests.
            parent_folder: The folder it goes to; None for none.

        Raises:
            ConfigurationError: It has more than 50 MB, no name, or cannot be read. Nothing was sent; of a stream,
                whose length shows on the way, nothing was kept.
            CoercionError: `record` or `parent_folder` names none. Nothing was sent.
            BillingLimit: The workspace's storage is full. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could upload it twice.

        Attio: POST /v2/files/upload (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        target, record_id = record_target(record)
        fields = {"object": target, "record_id": record_id}
        if parent_folder is not None:
            fields["parent_folder_id"] = identifier(parent_folder, "file_id")
        content = form(fields, await source_of(source), name=name, media_type=media_type)
        request = attrs.evolve(Request.built(upload_file.build_request()), content=content)
        return await self._wire.one(UPLOAD_FILE, request, FileItem.from_dict)

    async def download(self, file: str | FileItem, to: str | os.PathLike[str]) -> Path:
        """Where the content of a file was saved: the path `to`.

        The file there appears, or is replaced, when all of the content has arrived, and only its owner may read
        it. The content comes from Attio's storage, which never sees the access token.

        Args:
            file: Which file.
            to: A path in a folder that exists.

        Raises:
            ConfigurationError: Nothing can be written there. Nothing was sent.
            NotFound: There is no such file.
            OSError: The file cannot be written; what was there before still is.

        Attio: GET /v2/files/{file_id}/download (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        built = download_file.build_request(identifier(file, "file_id"))
        place = real_place(Path(to))
        await self._wire.done(DOWNLOAD_FILE, attrs.evolve(Request.built(built), sink=partial(saved, place)))
        return Path(to)

    async def delete(self, file: str | FileItem) -> None:
        """Delete a file or folder, for good. What is connected from elsewhere stays there.

        Raises:
            NotFound: There is no such file.

        Attio: DELETE /v2/files/{file_id} (beta), write, retried, file:read-write, object_configuration:read, record_permission:read
        """
        await self._wire.done(DELETE_FILE, delete_file.build_request(identifier(file, "file_id")))
