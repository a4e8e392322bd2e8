"""A large JSON response cut into smaller ones, so that reading it never keeps other tasks waiting for long. Pure.

A page of 500 records takes tens of milliseconds to read at once. Cut between its records, it is read in parts of a
millisecond, with other tasks in between.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

_PREFIX, _SUFFIX = b'{"data":[', b"]}"
_CHUNK_BYTES = 64 * 1024
"""Large enough that switching tasks costs little beside the reading."""

_COMMON_BYTES = 16
"""How many bytes the objects of a list must begin with alike: a brace, a quoted key, and what belongs to it."""


def split_envelope(pieces: Iterable[bytes], size: int = _CHUNK_BYTES) -> Iterator[bytes]:
    """Yield an envelope as several, each with a part of its list; the envelope itself if it cannot be cut.

    Cuts are made before what begins as the first object of the list does. No string can contain that, since quotes in
    strings are escaped. Nested objects could begin alike: then a chunk is not valid JSON, because opening and closing
    brackets balance only between the objects of the list. The caller must be prepared for that.

    Args:
        pieces: The envelope, in pieces of any size. Each is taken after the chunks before it were used.
        size: The size of a chunk, in bytes.
    """
    pieces, rest = iter(pieces), b""
    for piece in pieces:
        rest += piece
        if len(rest) > size:
            break
    start = rest[: len(_PREFIX) + _COMMON_BYTES]
    if len(rest) <= size or not start.startswith(_PREFIX + b'{"'):
        yield b"".join((rest, *pieces))
        return
    separator, rest = b"}," + start[len(_PREFIX) :], rest[len(_PREFIX) :]
    for piece in chain((b"",), pieces):
        rest += piece
        while (end := _cut_at(rest, separator, size)) >= 0:
            yield b"".join((_PREFIX, rest[: end + 1], _SUFFIX))
            rest = rest[end + 2 :]
    yield _PREFIX + rest


def _cut_at(text: bytes, separator: bytes, size: int) -> int:
    """Return where to cut: at `size` or later, else as late as possible; -1 if the text is too short or uncuttable."""
    if len(text) < size:
        return -1
    end = text.find(separator, size)
    return end if end >= 0 else text.rfind(separator)
