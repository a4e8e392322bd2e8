"""Gzip, piece by piece: by ISA-L where the extra `speed` is installed, which takes a third of the time, else by zlib."""

import zlib
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import attrs

from ..errors import ConnectionFailed

_library: Any = zlib
with suppress(ImportError):  # the extra is not installed
    from isal import isal_zlib as _library

_GZIP = 31
"""What zlib calls the gzip format with the largest window."""

_MAGIC = b"\x1f\x8b"

_STEP = 64 * 1024
"""Bytes that are unpacked in one go, a millisecond of work at most."""

_PIECE = 16 * 1024
"""Bytes that are given to the library in one go: what it cannot take in yet is copied each time."""

_errors: tuple[type[Exception], ...] = (zlib.error, _library.error)


class DamagedBody(ConnectionFailed):
    """The body is not what was compressed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, sent=True)


class Gunzip:
    """Decompresses one body, of one member or several. What follows and starts no further member is ignored."""

    __slots__ = ("_ended", "_member", "_rest")

    def __init__(self) -> None:
        self._member: Any = None
        self._ended = False  # a member did
        self._rest = b""  # after it, and too short to tell whether it starts another

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What can be told by now, with the next piece, in steps; to be looped over to the end.

        Raises:
            DamagedBody: The pieces are no gzip.
        """
        if self._rest:
            data, self._rest = self._rest + data, b""
        is_full = False  # then there may be more although all of the data is taken in
        while data or is_full:
            if self._member is None:
                if self._ended and not data.startswith(_MAGIC):
                    self._rest = data[:2]
                    return
                self._member = _library.decompressobj(_GZIP)
            try:
                found = self._member.decompress(data, _STEP)
            except _errors as error:
                raise DamagedBody(f"the compressed body is damaged: {error}") from None
            if found:
                yield found
            if self._member.eof:
                data, self._member, self._ended, is_full = self._member.unused_data, None, True, False
            else:
                data, is_full = self._member.unconsumed_tail, len(found) == _STEP

    def finish(self) -> None:
        """Check that nothing is missing.

        Raises:
            DamagedBody: The body ends within a member.
        """
        if self._member is not None:
            raise DamagedBody("the compressed body is cut off")


def _joined(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)


@attrs.frozen
class Packed:
    """A body as it arrived, compressed: a tenth of what it says.

    Its pieces are put together, since many small ones that stay would leave holes in memory.
    """

    _bytes: bytes = attrs.field(alias="pieces", converter=_joined, repr=False)

    @classmethod
    async def arriving(cls, pieces: AsyncIterable[bytes]) -> "Packed":
        """All of it, in whatever pieces."""
        return cls([piece async for piece in pieces])

    def __len__(self) -> int:
        return len(self._bytes)

    def steps(self) -> Iterator[bytes]:
        """What it says, unpacked step by step, each as it is asked for.

        Raises:
            DamagedBody: It is no gzip, or incomplete.
        """
        gunzip = Gunzip()
        for start in range(0, len(self._bytes), _PIECE):
            yield from gunzip.feed(self._bytes[start : start + _PIECE])
        gunzip.finish()
