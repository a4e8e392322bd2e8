"""Gzip, piece by piece: by ISA-L where the extra `speed` is installed, which takes a third of the time, else by zlib."""

import zlib
from collections.abc import AsyncIterable
from contextlib import suppress
from typing import Any

_library: Any = zlib
with suppress(ImportError):  # the extra is not installed
    from isal import isal_zlib as _library

__all__ = ["DamagedBody", "Gunzip", "gunzipped"]

_GZIP = 31
"""What zlib calls the gzip format with the largest window."""

_MAGIC = b"\x1f\x8b"

_errors: tuple[type[Exception], ...] = (zlib.error, _library.error)


class DamagedBody(Exception):
    """The body is not what was compressed."""


class Gunzip:
    """Decompresses one body, of one member or several. What follows and starts no further member is ignored."""

    __slots__ = ("_ended", "_member", "_rest")

    def __init__(self) -> None:
        self._member: Any = None
        self._ended = False  # a member did
        self._rest = b""  # after it, and too short to tell whether it starts another

    def feed(self, data: bytes) -> bytes:
        """What can be told by now, with the next piece.

        Raises:
            DamagedBody: The pieces are no gzip.
        """
        found: list[bytes] = []
        if self._rest:
            data, self._rest = self._rest + data, b""
        while data:
            if self._member is None:
                if self._ended and not data.startswith(_MAGIC):
                    self._rest = data[:2]
                    break
                self._member = _library.decompressobj(_GZIP)
            try:
                found.append(self._member.decompress(data))
            except _errors as error:
                raise DamagedBody(f"the compressed body is damaged: {error}") from None
            if not self._member.eof:
                break
            data, self._member, self._ended = self._member.unused_data, None, True
        return found[0] if len(found) == 1 else b"".join(found)

    def finish(self) -> None:
        """Check that nothing is missing.

        Raises:
            DamagedBody: The body ends within a member.
        """
        if self._member is not None:
            raise DamagedBody("the compressed body is cut off")


async def gunzipped(pieces: AsyncIterable[bytes]) -> tuple[bytes, ...]:
    """A whole body in pieces, decompressed as it arrives, so that none keeps everybody else waiting for long.

    Raises:
        DamagedBody: It is no gzip, or incomplete.
    """
    gunzip = Gunzip()
    found = [gunzip.feed(piece) async for piece in pieces]
    gunzip.finish()
    return tuple(found)
