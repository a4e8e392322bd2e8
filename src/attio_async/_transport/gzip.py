"""Gzip, piece by piece: by ISA-L if the extra `speed` is installed, in a third of the time, else by zlib."""

import zlib
from collections.abc import AsyncIterable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import attrs

from ..errors import ConnectionFailed

_library: Any = zlib
with suppress(ImportError):  # the extra is not installed
    from isal import isal_zlib as _library

_GZIP_WBITS = 31
"""The gzip format with the largest window, as zlib encodes it."""

_MAGIC = b"\x1f\x8b"

_MAX_STEP_BYTES = 64 * 1024
"""Output of one step: a millisecond of work at most."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""The most that a body may have, decompressed. A page of 500 records of the API has a few megabytes."""

_MAX_RATIO = 200
"""How many times larger a body may become. JSON becomes 5 to 30 times larger, and a gzip bomb about 1,000 times."""

_MIN_BOMB_BYTES = 4 * 1024 * 1024
"""Smaller bodies may become larger by any factor."""

_MAX_INPUT_BYTES = 16 * 1024
"""Input of one call of the library, which copies what it cannot take in yet each time."""

_errors: tuple[type[Exception], ...] = (zlib.error, _library.error)


class DamagedBody(ConnectionFailed):
    """A compressed body cannot be decompressed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, sent=True)


def check_size(size: int, compressed: int | None = None) -> None:
    """Check the size of a body as far as it has arrived, and been decompressed.

    Raises:
        DamagedBody: It is larger than any of the API's, or has become larger than JSON does.
    """
    if size > MAX_BODY_BYTES:
        raise DamagedBody(too_large())
    if compressed is not None and size > max(_MIN_BOMB_BYTES, compressed * _MAX_RATIO):
        raise DamagedBody(f"the body becomes more than {_MAX_RATIO} times larger when it is decompressed")


def too_large() -> str:
    """Return the message about a body that is larger than any of the API's."""
    return f"the body is larger than {MAX_BODY_BYTES / 1024**2:g} MiB"


class Gunzip:
    """Decompresses one body, of one member or several. Trailing data that starts no further member is ignored."""

    __slots__ = ("_ended", "_member", "_rest")

    def __init__(self) -> None:
        self._member: Any = None
        self._ended = False  # a member has
        self._rest = b""  # data after a member, too short to tell whether it starts another

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the next piece decompresses to, in steps. The caller must take all of them.

        Raises:
            DamagedBody: The data is not gzip.
        """
        if self._rest:
            data, self._rest = self._rest + data, b""
        is_full = False  # then there may be more output although all input is taken in
        while data or is_full:
            if self._member is None:
                if self._ended and not data.startswith(_MAGIC):
                    self._rest = data[:2]
                    return
                self._member = _library.decompressobj(_GZIP_WBITS)
            try:
                found = self._member.decompress(data, _MAX_STEP_BYTES)
            except _errors as error:
                raise DamagedBody(f"the compressed body is damaged: {error}") from None
            if found:
                yield found
            if self._member.eof:
                data, self._member, self._ended, is_full = self._member.unused_data, None, True, False
            else:
                data, is_full = self._member.unconsumed_tail, len(found) == _MAX_STEP_BYTES

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DamagedBody: The body ends within a member.
        """
        if self._member is not None:
            raise DamagedBody("the compressed body is cut short")


async def collected(pieces: AsyncIterable[bytes]) -> list[bytes]:
    """Return the pieces of a body as they arrive.

    Raises:
        DamagedBody: They are too many.
    """
    found: list[bytes] = []
    size = 0
    async for piece in pieces:
        found.append(piece)
        size += len(piece)
        check_size(size)
    return found


def _joined(pieces: Iterable[bytes | bytearray]) -> bytes:
    return b"".join(pieces)


@attrs.frozen
class Packed:
    """A body as it arrived, compressed to about a tenth of its size.

    Its pieces are joined, since many small ones would fragment the memory.
    """

    _bytes: bytes = attrs.field(alias="pieces", converter=_joined, repr=False)

    def __len__(self) -> int:
        return len(self._bytes)

    def steps(self) -> Iterator[bytes]:
        """Yield the decompressed body in steps, each computed when it is asked for.

        Raises:
            DamagedBody: The body is not gzip, incomplete, or too large.
        """
        gunzip, size = Gunzip(), 0
        for start in range(0, len(self._bytes), _MAX_INPUT_BYTES):
            for step in gunzip.feed(self._bytes[start : start + _MAX_INPUT_BYTES]):
                size += len(step)
                check_size(size, len(self._bytes))
                yield step
        gunzip.finish()


def unpackable(pieces: Sequence[bytes | bytearray], encoding: str) -> bytes | Packed:
    """Return the body that arrived in pieces, with the value of its header Content-Encoding.

    Raises:
        DamagedBody: It is encoded in another way than gzip.
    """
    # https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1
    encoding = encoding.strip().lower()
    if encoding in {"identity", ""}:
        return b"".join(pieces)
    if encoding in {"gzip", "x-gzip"}:
        return Packed(tuple(pieces))
    raise DamagedBody(f"the body has the encoding {encoding!r}, which was not asked for")
