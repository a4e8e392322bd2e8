"""Files and folders of records: metadata, uploads and downloads."""

import io
import mimetypes
import os
import re
import secrets
import stat
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeGuard, cast, overload

import anyio
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
from attio_async_api.types import UNSET

from .._pagination.paginator import Paginator
from .._storage.executor import SerialExecutor
from .._storage.files import open_to_read, reason_of, resolve_target, shown_path, write_atomically
from .._transport.messages import Content, Sink
from .._utils.concurrency import task_group
from .._utils.public import public
from .._utils.shield import run_blocking
from .._utils.text import show
from .._workspace.arguments import check_text, find_record, record_lookup, resource_id
from .._workspace.collection import Collection
from .._workspace.session import Session, build, item_reader
from ..errors import ConfigurationError

MAX_FILE_BYTES = 50 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_MAX_NAME_LENGTH = 200

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*", re.ASCII)

_UNSAFE_CHARACTERS = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that change the direction of text, which could disguise a file's suffix."""

Stream = AsyncIterable[bytes]

Uploadable = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | Stream | Callable[[], Stream]
)
"""A path, bytes, an open binary file, a stream of bytes, or a function that opens such a stream each time it is called."""


@public
class Files:
    """The files and folders of records. Give a file by id, or as the `File` that the API returned.

    Its `file_type` is "file", "folder", "connected-file" or "connected-folder".
    """

    def __init__(self, session: Session) -> None:
        self._files = Collection(
            session=session, parse=File.from_dict, id_of=partial(resource_id, part="file_id")
        )

    def list(
        self,
        record: object,
        *,
        storage_provider: StorageProvider | None = None,
        parent_folder: object = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[File]:
        """List the files and folders of a record.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            storage_provider: Only files stored there, such as "attio" or "google-drive".
            parent_folder: Only files in this folder.
            limit: The most files to return; all by default.
            page_size: Files per page, 1 to 200.

        Attio: GET /v2/files (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        return self._files.list(
            list_files,
            look_up=record_lookup(self._files.session, record, "record", "object_", "record_id"),
            storage_provider=storage_provider,
            parent_folder_id=None if parent_folder is None else self._files.id_of(parent_folder),
            limit=limit,
            page_size=page_size,
        )

    async def get(self, file: str | File) -> File:
        """Return the metadata of one file or folder.

        Raises:
            NotFound: The file does not exist.

        Attio: GET /v2/files/{file_id} (beta), read, retried, file:read, object_configuration:read, record_permission:read
        """
        return await self._files.get(get_file, file)

    async def create_folder(self, record: object, name: str, *, parent_folder: object = None) -> File:
        """Create a folder on a record, and return it.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            name: The name of the folder.
            parent_folder: The folder to create it in; None for the top level.

        Raises:
            CoercionError: `record` or `parent_folder` is not valid. Nothing was sent.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the folder twice.

        Attio: POST /v2/files (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        folder_id = UNSET if parent_folder is None else self._files.id_of(parent_folder)
        return await self._create(record, file_type="folder", name=name, parent_folder_id=folder_id)

    async def connect(
        self,
        record: object,
        *,
        file_type: Literal["connected-file", "connected-folder"],
        storage_provider: ExternalStorageProvider,
        external_provider_file_id: str,
        microsoft_drive_id: str | None = None,
    ) -> File:
        """Connect a file or folder of a storage provider to a record, and return it. It stays with the provider.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            file_type: "connected-file" or "connected-folder".
            storage_provider: "google-drive", "dropbox", "box" or "microsoft-onedrive".
            external_provider_file_id: The provider's id of it.
            microsoft_drive_id: The drive that it is on, for OneDrive.

        Raises:
            CoercionError: `record` is not valid. Nothing was sent.
            OutcomeUnknown: The response was lost. It was not sent again, since that could connect it twice.

        Attio: POST /v2/files (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        return await self._create(
            record,
            file_type=file_type,
            storage_provider=storage_provider,
            external_provider_file_id=external_provider_file_id,
            microsoft_drive_id=UNSET if microsoft_drive_id is None else microsoft_drive_id,
        )

    async def _create(self, record: object, **fields: Any) -> File:
        object_name, record_id = await find_record(self._files.session, record)
        body = CreateFile(object=object_name, record_id=record_id, **fields)
        return await self._files.create(create_file, body)

    async def upload(
        self,
        record: object,
        source: Uploadable,
        *,
        name: str | None = None,
        media_type: str | None = None,
        parent_folder: object = None,
    ) -> File:
        """Upload a file to a record, and return its metadata. The content is sent as it is read, in chunks.

        Attio allows one upload per second.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            source: A path, bytes, an open binary file, an async stream of bytes, or a function that opens one. An open
                file is read from its position on, in a thread, and left open. A stream, or a file that cannot seek,
                cannot be sent again if Attio rate-limits the upload; a function can.
            name: The name of the file; by default that of its path. Required for bytes and streams.
            media_type: Such as "application/pdf"; by default guessed from the suffix of the name.
            parent_folder: The folder to upload to; None for the top level.

        Raises:
            ConfigurationError: The file has more than 50 MB, has no name, or cannot be read. Nothing was sent; of a
                stream, whose length and content are not known before, and of a file that changed while it was read,
                nothing was kept.
            CoercionError: `record` or `parent_folder` is not valid. Nothing was sent.
            BillingLimit: The workspace's storage is full. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again, since that could upload the file twice.

        Attio: POST /v2/files/upload (beta), write, not repeated, file:read-write, object_configuration:read, record_permission:read
        """
        object_name, record_id = await find_record(self._files.session, record)
        fields = {"object": object_name, "record_id": record_id}
        if parent_folder is not None:
            fields["parent_folder_id"] = self._files.id_of(parent_folder)
        content = build_form(fields, await make_source(source), name=name, media_type=media_type)
        request = attrs.evolve(build(upload_file), content=content)
        return await self._files.session.call(upload_file.operation, request, item_reader(File.from_dict))

    @overload
    async def download(self, file: str | File) -> bytes: ...
    @overload
    async def download(self, file: str | File, to: str | os.PathLike[str]) -> Path: ...
    async def download(self, file: str | File, to: str | os.PathLike[str] | None = None) -> bytes | Path:
        """Return the content of a file, or save it at the path `to` and return the path. `stream` gives it in pieces.

        The file at `to` is created or replaced when all of the content has arrived, and only its owner may read it.
        The content comes from Attio's storage, which is not sent the access token.

        Args:
            file: The file.
            to: A path in a folder that exists; None returns the content, which is at most 50 MB.

        Raises:
            ConfigurationError: `to` cannot be written. Nothing was sent.
            NotFound: The file does not exist.
            StorageError: Writing failed; a file that was there before is unchanged.

        Attio: GET /v2/files/{file_id}/download (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        if to is not None:
            if not isinstance(to, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
                raise ConfigurationError(
                    f"to must be the path of a file, not {show(to)}; use stream() for others"
                )
            await self._fetch(file, partial(write_atomically, resolve_target(Path(to))))
            return Path(to)
        content = bytearray()

        async def collect(chunks: AsyncIterator[bytes]) -> None:
            content.clear()  # an earlier attempt may have begun
            async for chunk in chunks:
                content.extend(chunk)

        await self._fetch(file, collect)
        return bytes(content)

    @asynccontextmanager
    async def stream(self, file: str | File) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Open the content of a file as a stream of bytes, as ``async with attio.files.stream(file) as chunks``.

        The content arrives as it is read. If the connection breaks, the rest is fetched anew.

        Args:
            file: The file.

        Raises:
            NotFound: The file does not exist.

        Attio: GET /v2/files/{file_id}/download (beta), read, retried, object_configuration:read, record_permission:read, file:read
        """
        sender, receiver = anyio.create_memory_object_stream[bytes]()

        async def pump() -> None:
            with sender:
                await self._fetch(file, _Unread(sender.send))

        async with task_group() as group:
            with receiver:
                group.start_soon(pump)
                try:
                    yield receiver
                finally:
                    group.cancel_scope.cancel()

    async def _fetch(self, file: str | File, sink: Sink) -> None:
        request = build(download_file, self._files.id_of(file))
        request = attrs.evolve(request, sink=sink)
        await self._files.session.call(download_file.operation, request, lambda _: None)

    async def delete(self, file: str | File) -> None:
        """Delete a file or folder for good. A connected file stays with its provider.

        Raises:
            NotFound: The file does not exist.

        Attio: DELETE /v2/files/{file_id} (beta), write, retried, file:read-write, object_configuration:read, record_permission:read
        """
        await self._files.delete(delete_file, file)


# Uploading


@attrs.frozen
class UploadSource:
    """The content of an upload; `open` starts reading it, and its length is None if unknown."""

    name: str | None
    length: int | None
    open: Callable[[], AsyncGenerator[bytes]]


async def make_source(given: Uploadable) -> UploadSource:
    """Return the source of an upload.

    Raises:
        ConfigurationError: It is of another type, cannot be read, or is too large. Nothing was sent.
    """
    if isinstance(given, str | os.PathLike):
        return await _source_from_path(Path(cast("str", given)))
    if isinstance(given, bytes | bytearray | memoryview):
        content = bytes(given)
        _check_size(len(content))
        return UploadSource(None, len(content), lambda: _split(content))
    if hasattr(given, "read") and not _is_stream(given):
        return await _source_from_file(cast("BinaryIO", given))
    if _is_stream(given):
        return UploadSource(None, None, _SingleUse(given))
    if callable(given):
        return UploadSource(None, None, lambda: _check_stream(_opened(given)))
    raise ConfigurationError(
        f"a value of type {type(given).__name__} cannot be uploaded; "
        "give a path, bytes, an open binary file, an async stream or a function that opens one"
    )


def _opened(open_stream: Callable[[], Stream]) -> Stream:
    stream: object = open_stream()
    if not _is_stream(stream):
        raise ConfigurationError(
            f"the function to upload from must return an async stream of bytes, not {show(stream)}"
        )
    return stream


def _is_stream(given: object) -> TypeGuard[Stream]:
    return isinstance(given, AsyncIterable)


async def _source_from_path(path: Path) -> UploadSource:
    size = await run_blocking(partial(_size_of_readable, path))
    _check_size(size)
    return UploadSource(path.name, size, lambda: _read_chunks(path))


def _size_of_readable(path: Path) -> int:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{shown_path(path)} cannot be read: {reason_of(error)}") from None
    if not stat.S_ISREG(status.st_mode):  # to open a pipe may wait for ever
        raise ConfigurationError(f"{path} is not a regular file")
    with open_to_read(path):
        return status.st_size


def _check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise ConfigurationError(
            f"the file has {size:,} bytes; Attio accepts at most 50 MB ({MAX_FILE_BYTES:,} bytes)"
        )


async def _source_from_file(file: BinaryIO) -> UploadSource:
    name, start, size = await run_blocking(partial(_facts_of_file, file))
    if size is None:
        return UploadSource(name, None, _SingleUse(_read_open_file(file, None)))
    _check_size(size)
    return UploadSource(name, size, lambda: _read_open_file(file, start))


def _facts_of_file(file: BinaryIO) -> tuple[str | None, int, int | None]:
    """Return the name of an open file, its position, and how much follows; None if it cannot seek."""
    if isinstance(file, io.TextIOBase):
        raise ConfigurationError("the file is open as text; open it in binary mode, as in open(path, 'rb')")
    given = getattr(file, "name", None)
    name = os.path.basename(given) if isinstance(given, str) else None  # noqa: PTH119 - it need not be a path
    try:
        start = file.tell()
        size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
    except (OSError, AttributeError):  # such as a pipe
        return name, 0, None
    except ValueError as error:
        raise ConfigurationError(f"the file cannot be read: {error}") from error
    return name, start, size


async def _read_open_file(file: BinaryIO, start: int | None) -> AsyncGenerator[bytes]:
    """Read a file in a thread, and leave it open: it is the caller's."""
    executor = SerialExecutor()
    if start is not None:
        await executor.run(lambda: file.seek(start))
    while chunk := await executor.run(lambda: file.read(_CHUNK_BYTES)):
        yield chunk


async def _split(content: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(content), _CHUNK_BYTES):
        yield content[start : start + _CHUNK_BYTES]


async def _read_chunks(path: Path) -> AsyncGenerator[bytes]:
    executor = SerialExecutor()
    file = await executor.run(lambda: path.open("rb"))
    try:
        while chunk := await executor.run(lambda: file.read(_CHUNK_BYTES)):
            yield chunk
    finally:
        await executor.finish(file.close)


async def _check_stream(stream: Stream) -> AsyncGenerator[bytes]:
    """Pass a stream on, and raise as soon as it is too large or does not have bytes."""
    size = 0
    try:
        async for chunk in stream:
            if not isinstance(chunk, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
                raise ConfigurationError(f"the stream to upload must have bytes, not {show(chunk)}")
            size += len(chunk)
            _check_size(size)
            yield chunk
    finally:
        if isinstance(stream, AsyncGenerator):
            with anyio.CancelScope(shield=True):
                await stream.aclose()


class _SingleUse:
    """Opens a stream that can be read only once."""

    def __init__(self, stream: Stream) -> None:
        self._stream: Stream | None = stream

    def __call__(self) -> AsyncGenerator[bytes]:
        stream, self._stream = self._stream, None
        if stream is None:
            raise ConfigurationError(
                "the upload was rate-limited and its stream is used up; give a function that opens the stream"
            )
        return _check_stream(stream)


def build_form(
    fields: Mapping[str, str], source: UploadSource, *, name: str | None, media_type: str | None
) -> Content:
    """Return a multipart form with the fields and the file.

    Raises:
        ConfigurationError: The file has no name, or its name or media type is not valid. Nothing was sent.
    """
    for argument, text in {"name": name, "media_type": media_type}.items():
        if text is not None:
            check_text(text, argument)
    file_name = _safe_name(name or source.name)
    kind = media_type or mimetypes.guess_type(file_name)[0] or "application/octet-stream"
    if not _MEDIA_TYPE.fullmatch(kind):
        raise ConfigurationError(f"{kind!r} is not a valid media type, such as 'application/pdf'")
    boundary = secrets.token_hex(16)
    head = _form_head(boundary, fields, file_name, kind)
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def chunks() -> AsyncGenerator[bytes]:
        yield head
        inner = source.open()
        size = 0
        try:
            async for chunk in inner:
                size += len(chunk)
                _check_unchanged(size, source.length, is_end=False)
                yield chunk
        finally:
            await inner.aclose()
        _check_unchanged(size, source.length, is_end=True)
        yield tail

    length = None if source.length is None else len(head) + source.length + len(tail)
    return Content(type=f"multipart/form-data; boundary={boundary}", open=chunks, length=length)


def _check_unchanged(size: int, length: int | None, *, is_end: bool) -> None:
    """Check that a file has as many bytes as when its upload began, so that no part of it is taken for the whole."""
    if length is not None and (size > length or (is_end and size < length)):
        raise ConfigurationError(
            f"the file changed while it was read: it had {length:,} bytes, and {size:,} were read"
        )


def _form_head(boundary: str, fields: Mapping[str, str], file_name: str, kind: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    # As browsers do it: quotes are percent-encoded, other characters are UTF-8.
    quoted = file_name.replace('"', "%22")
    disposition = f'Content-Disposition: form-data; name="file"; filename="{quoted}"'
    return f"{''.join(parts)}--{boundary}\r\n{disposition}\r\nContent-Type: {kind}\r\n\r\n".encode(
        errors="replace"
    )


def _safe_name(name: str | None) -> str:
    """Return the name of a file without its folders, and without characters that could disguise its suffix.

    Raises:
        ConfigurationError: Nothing is left. Nothing was sent.
    """
    bare = _UNSAFE_CHARACTERS.sub("", re.split(r"[/\\]", name or "")[-1]).strip()
    if bare in {"", ".", ".."}:
        raise ConfigurationError(
            f"{name!r} is not a valid file name" if name else "the file has no name; give name="
        )
    return bare[-_MAX_NAME_LENGTH:]


# Downloading


@attrs.define
class _Unread:
    """A sink that passes on what an earlier attempt has not passed on yet."""

    send: Callable[[bytes], Awaitable[None]]
    done: int = 0

    async def __call__(self, chunks: AsyncIterator[bytes]) -> None:
        position = 0
        async for chunk in chunks:
            fresh = chunk[max(0, self.done - position) :]
            position += len(chunk)
            if fresh:
                await self.send(fresh)
                self.done += len(fresh)
