"""Cutting a large answer into smaller ones, so that reading it never keeps everybody else waiting for long. Pure.

A page of 500 records takes tens of milliseconds to read in one go. Cut between its records, it is read in parts of
a millisecond, with everybody else in between.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

_HEAD, _TAIL = b'{"data":[', b"]}"
_SIZE = 64 * 1024
"""Bytes in a part, or a few more: enough that what comes in between is little beside the reading."""

_ALIKE = 16
"""Bytes that the objects of a list must begin with alike: a brace, a quoted name, and what belongs to it."""


def envelopes(pieces: Iterable[bytes], size: int = _SIZE) -> Iterator[bytes]:
    """The answer as several, each with a part of the list that it holds; the answer itself where it cannot be cut.

    Cuts are made before what begins as the first object of the list does. No text can hold that, since the quotes in
    a text are escaped. Objects further down could begin so: then the parts are not JSON, as a part has as many
    opening brackets as closing ones only between the objects of the list. Whoever reads them must be prepared for that.

    Args:
        pieces: The answer, in pieces of any size, each taken when those before it have been given.
        size: How large the parts are to be.
    """
    pieces, rest = iter(pieces), b""
    for piece in pieces:
        rest += piece
        if len(rest) > size:
            break
    start = rest[: len(_HEAD) + _ALIKE]
    if len(rest) <= size or not start.startswith(_HEAD + b'{"'):
        yield b"".join((rest, *pieces))
        return
    between, rest = b"}," + start[len(_HEAD) :], rest[len(_HEAD) :]
    for piece in chain((b"",), pieces):
        rest += piece
        while (end := _end(rest, between, size)) >= 0:
            yield b"".join((_HEAD, rest[: end + 1], _TAIL))
            rest = rest[end + 2 :]
    yield _HEAD + rest


def _end(text: bytes, between: bytes, size: int) -> int:
    """Where to cut: after that many bytes, or as late as possible; -1 when there is too little or no such place."""
    if len(text) < size:
        return -1
    end = text.find(between, size)
    return end if end >= 0 else text.rfind(between)
