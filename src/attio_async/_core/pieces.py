"""Cutting a large answer into smaller ones, so that reading it never keeps everybody else waiting for long. Pure.

A page of 500 records takes tens of milliseconds to read in one go. Cut between its records, it is read in parts of
a millisecond, with everybody else in between.
"""

from collections.abc import Iterator

__all__ = ["envelopes"]

_HEAD, _TAIL = b'{"data":[', b"]}"
_SIZE = 128 * 1024
"""Bytes in a part, or a few more: enough that what comes in between is little beside the reading."""

_ALIKE = 16
"""Bytes that the objects of a list must begin with alike: a brace, a quoted name, and what belongs to it."""


def envelopes(body: bytes, size: int = _SIZE) -> Iterator[bytes]:
    """The answer as several, each with a part of the list that it holds; the answer itself where it cannot be cut.

    Cuts are made before what begins as the first object of the list does. No text can hold that, since the quotes in
    a text are escaped. Objects further down could begin so: then the parts are not JSON, as a part has as many
    opening brackets as closing ones only between the objects of the list. Whoever reads them must be prepared for that.
    """
    start = len(_HEAD)
    if len(body) <= 2 * size or not body.startswith(_HEAD + b'{"'):
        yield body
        return
    between = b"}," + body[start : start + _ALIKE]
    while (end := body.find(between, start + size)) >= 0:
        yield b"".join((_HEAD, body[start : end + 1], _TAIL))
        start = end + 2
    yield _HEAD + body[start:]
