"""What can be uploaded, and the multipart body it travels in. Nothing is ever read whole."""

import mimetypes
import os
import re
import secrets
import stat
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from pathlib import Path
from typing import TypeGuard, cast

import anyio
import attrs

from .._core.message import Content
from ..errors import ConfigurationError

__all__ = ["LARGEST", "Source", "Uploadable", "form", "source_of"]

LARGEST = 50 * 1024 * 1024
"""Bytes that a file may have."""

_PIECE = 256 * 1024
_LONGEST_NAME = 200
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w.+-]+=[\w.+-]+)*", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")

Stream = AsyncIterable[bytes]
Uploadable = str | os.PathLike[str] | bytes | bytearray | memoryview | Stream | Callable[[], Stream]
"""A path, bytes, a stream of bytes, or a function that opens such a stream anew each time."""


@attrs.frozen
class Source:
    """Where the bytes of a file come from."""

    name: str | None
    length: int | None
    open: Callable[[], AsyncGenerator[bytes]]


async def source_of(given: Uploadable) -> Source:
    """The source in whatever was given.

    Raises:
        ConfigurationError: It is no source, cannot be read, or is too large.
    """
    if isinstance(given, str | os.PathLike):
        return await _from_path(Path(cast("str", given)))
    if isinstance(given, bytes | bytearray | memoryview):
        content = bytes(given)
        _check_size(len(content))
        return Source(None, len(content), lambda: _pieces_of(content))
    if _is_stream(given):
        return Source(None, None, _Once(given))
    if callable(given):
        return Source(None, None, lambda: _limited(given()))
    raise ConfigurationError(
        f"{type(given).__name__} cannot be uploaded: give a path, bytes, an async stream or a function that opens one"
    )


def _is_stream(given: object) -> TypeGuard[Stream]:
    return isinstance(given, AsyncIterable)


async def _from_path(path: Path) -> Source:
    try:
        status = await anyio.Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise ConfigurationError(f"{path} is not an ordinary file")
        await (await anyio.open_file(path, "rb")).aclose()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from error
    _check_size(status.st_size)
    return Source(path.name, status.st_size, lambda: _pieces_in(path))


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise ConfigurationError(
            f"the file has {size:,} bytes; Attio takes 50 MB ({LARGEST:,} bytes) at most"
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


class _Once:
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


def form(fields: Mapping[str, str], source: Source, *, name: str | None, media_type: str | None) -> Content:
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
