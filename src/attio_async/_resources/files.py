"""The files and folders of records: Attio's own, and those connected from elsewhere."""

import mimetypes
import os
import re
import secrets
import stat
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal, TypeGuard, cast

import anyio
import anyio.to_thread
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
from attio_async_api.models.file import File
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

from .._pagination.paginator import Paginator
from .._storage.files import PartFile, real_place
from .._transport.messages import Content, Request
from .._workspace.arguments import object_and_record_id, resource_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError


async def save(place: Path, pieces: AsyncIterator[bytes]) -> None:
    """Write the pieces to a new file that takes its place when they are complete, and vanishes if they are not.

    Only the owner may read it (mode 0600).

    Raises:
        OSError: It cannot be written.
    """
    part = await anyio.to_thread.run_sync(PartFile, place)
    try:
        async for piece in pieces:
            await anyio.to_thread.run_sync(part.file.write, piece)
        await anyio.to_thread.run_sync(part.complete)
    finally:
        part.discard()


MAX_FILE_BYTES = 50 * 1024 * 1024


"""Bytes that a file may have."""


_PIECE = 256 * 1024


_LONGEST_NAME = 200


_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*", re.ASCII)


_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


Stream = AsyncIterable[bytes]


Uploadable = str | os.PathLike[str] | bytes | bytearray | memoryview | Stream | Callable[[], Stream]


"""A path, bytes, a stream of bytes, or a function that opens such a stream anew each time."""


@attrs.frozen
class UploadSource:
    """Where the bytes of a file come from."""

    name: str | None
    length: int | None
    open: Callable[[], AsyncGenerator[bytes]]


async def make_source(given: Uploadable) -> UploadSource:
    """The source in whatever was given.

    Raises:
        ConfigurationError: It is no source, cannot be read, or is too large.
    """
    if isinstance(given, str | os.PathLike):
        return await _from_path(Path(cast("str", given)))
    if isinstance(given, bytes | bytearray | memoryview):
        content = bytes(given)
        _check_size(len(content))
        return UploadSource(None, len(content), lambda: _pieces_of(content))
    if _is_stream(given):
        return UploadSource(None, None, _SingleRead(given))
    if callable(given):
        return UploadSource(None, None, lambda: _limited(given()))
    raise ConfigurationError(
        f"{type(given).__name__} cannot be uploaded: give a path, bytes, an async stream or a function that opens one"
    )


def _is_stream(given: object) -> TypeGuard[Stream]:
    return isinstance(given, AsyncIterable)


async def _from_path(path: Path) -> UploadSource:
    try:
        status = await anyio.Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{path} is not an ordinary file")
        await (await anyio.open_file(path, "rb")).aclose()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from error
    _check_size(status.st_size)
    return UploadSource(path.name, status.st_size, lambda: _pieces_in(path))


def _check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise ConfigurationError(
            f"the file has {size:,} bytes; Attio takes 50 MB ({MAX_FILE_BYTES:,} bytes) at most"
        )


async def _pieces_of(content: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), _PIECE):
        yield content[start : start + _PIECE]


async def _pieces_in(path: Path) -> AsyncGenerator[bytes]:
    file = await anyio.open_file(path, "rb")
    try:
        while piece := await file.read(_PIECE):
            yield piece
    finally:
        with anyio.CancelScope(shield=True):
            await file.aclose()


async def _limited(stream: Stream) -> AsyncGenerator[bytes]:
    """The stream, stopped with an error when it turns out to be too long."""
    size = 0
    try:
        async for piece in stream:
            size += len(piece)
            _check_size(size)
            yield piece
    finally:
        if isinstance(stream, AsyncGenerator):
            with anyio.CancelScope(shield=True):
                await stream.aclose()


class _SingleRead:
    """Opens a stream that can be read only once."""

    def __init__(self, stream: Stream) -> None:
        self._stream: Stream | None = stream

    def __call__(self) -> AsyncGenerator[bytes]:
        stream, self._stream = self._stream, None
        if stream is None:
            raise ConfigurationError(
                "the stream was used up by an attempt that Attio refused; give a function that opens it anew"
            )
        return _limited(stream)


def build_form(
    fields: Mapping[str, str], source: UploadSource, *, name: str | None, media_type: str | None
) -> Content:
    """A multipart form with some fields and the file.

    Raises:
        ConfigurationError: The file has no name, or its media type is none.
    """
    file_name = _safe_name(name or source.name)
    kind = media_type or mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    if not _MEDIA_TYPE.fullmatch(kind):
        raise ConfigurationError(f"{kind!r} is no media type, such as 'application/pdf'")
    boundary = secrets.token_hex(16)
    head = _head(boundary, fields, file_name, kind)
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def pieces() -> AsyncGenerator[bytes]:
        yield head
        inner = source.open()
        try:
            async for piece in inner:
                yield piece
        finally:
            await inner.aclose()
        yield tail

    length = None if source.length is None else len(head) + source.length + len(tail)
    return Content(type=f"multipart/form-data; boundary={boundary}", open=pieces, length=length)


def _head(boundary: str, fields: Mapping[str, str], file_name: str, kind: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    # The way browsers do it: quotes are percent-encoded, other letters are UTF-8.
    quoted = file_name.replace('"', "%22")
    disposition = f'Content-Disposition: form-data; name="file"; filename="{quoted}"'
    return f"{''.join(parts)}--{boundary}\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n".encode(
        errors="replace"
    )


def _safe_name(name: str | None) -> str:
    """The name of a file alone: no folders, and nothing invisible that could disguise what it is.

    Raises:
        ConfigurationError: Nothing is left.
    """
    bare = _UNSAFE.sub("", re.split(r"[/\\]", name or "")[-1]).strip()
    if bare in {"", ".", ".."}:
        raise ConfigurationError(
            "the file needs a name: give name=" if not name else f"{name!r} is no file name"
        )
    return bare[-_LONGEST_NAME:]


class Files:
    """The files and folders of records. A file may be named by its id, or be one that was read.

    `file_type` of each tells what it is: "file", "folder", "connected-file" or "connected-folder".
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self,
        record: object,
        *,
        storage_provider: StorageProvider | None = None,
        parent_folder: object = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[File]:
        """The files and folders of a record.

        Args:
            record: A Record, RecordRef or web address.
            storage_provider: Only those kept there, such as "attio" or "google-drive".
            parent_folder: Only those in this folder.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 200; by default 200.

        Attio: GET /v2/files (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        target, record_id = object_and_record_id(record)
        build = partial(
            list_files.build_request,
            object_=target,
            record_id=record_id,
            storage_provider=storage_provider,
            parent_folder_id=None if parent_folder is None else resource_id(parent_folder, "file_id"),
        )
        return paginate(
            self._session, LIST_FILES, build, list_reader(File.from_dict), limit=limit, page_size=page_size
        )

    async def get(self, file: str | File) -> File:
        """What is known of one file or folder.

        Raises:
            NotFound: There is no such file.

        Attio: GET /v2/files/{file_id} (beta), read, retried, file:read, object_configuration:read, record_permission:read
        """
        built = get_file.build_request(resource_id(file, "file_id"))
        return await self._session.one(GET_FILE, built, File.from_dict)

    async def create_folder(self, record: object, name: str, *, parent_folder: object = None) -> File:
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
        target, record_id = object_and_record_id(record)
        body = CreateFile(
            object=target,
            record_id=record_id,
            file_type="folder",
            name=name,
            parent_folder_id=UNSET if parent_folder is None else resource_id(parent_folder, "file_id"),
        )
        return await self._session.one(CREATE_FILE, create_file.build_request(body=body), File.from_dict)

    async def connect(
        self,
        record: object,
        *,
        file_type: Literal["connected-file", "connected-folder"],
        storage_provider: ExternalStorageProvider,
        external_provider_file_id: str,
        microsoft_drive_id: str | None = None,
    ) -> File:
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
        target, record_id = object_and_record_id(record)
        body = CreateFile(
            object=target,
            record_id=record_id,
            file_type=file_type,
            storage_provider=storage_provider,
            external_provider_file_id=external_provider_file_id,
            microsoft_drive_id=UNSET if microsoft_drive_id is None else microsoft_drive_id,
        )
        return await self._session.one(CREATE_FILE, create_file.build_request(body=body), File.from_dict)

    async def upload(
        self,
        record: object,
        source: Uploadable,
        *,
        name: str | None = None,
        media_type: str | None = None,
        parent_folder: object = None,
    ) -> File:
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
        target, record_id = object_and_record_id(record)
        fields = {"object": target, "record_id": record_id}
        if parent_folder is not None:
            fields["parent_folder_id"] = resource_id(parent_folder, "file_id")
        content = build_form(fields, await make_source(source), name=name, media_type=media_type)
        request = attrs.evolve(Request.built(upload_file.build_request()), content=content)
        return await self._session.one(UPLOAD_FILE, request, File.from_dict)

    async def download(self, file: str | File, to: str | os.PathLike[str]) -> Path:
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
        built = download_file.build_request(resource_id(file, "file_id"))
        place = real_place(Path(to))
        await self._session.done(DOWNLOAD_FILE, attrs.evolve(Request.built(built), sink=partial(save, place)))
        return Path(to)

    async def delete(self, file: str | File) -> None:
        """Delete a file or folder, for good. What is connected from elsewhere stays there.

        Raises:
            NotFound: There is no such file.

        Attio: DELETE /v2/files/{file_id} (beta), write, retried, file:read-write, object_configuration:read, record_permission:read
        """
        await self._session.done(DELETE_FILE, delete_file.build_request(resource_id(file, "file_id")))
