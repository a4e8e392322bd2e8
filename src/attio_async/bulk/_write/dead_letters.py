"""Failed rows as a file: to read, to fix, and to give to another job."""

import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import msgspec

from ..._storage.files import open_to_read, write_atomically
from ..._utils.public import public
from ...errors import ConfigurationError
from ...values import RecordRef
from .._journal.protocol import DeadLetter, Journal, read_pages
from .payload import Payload
from .report import Row


class _LetterLine(msgspec.Struct, omit_defaults=True):
    """A failed row as a line of a file."""

    label: int | str
    kind: str
    reason: str
    values: dict[str, Any]
    attribute: str | None = None
    id: str | None = None
    parent_object: str | None = None
    parent_id: str | None = None


@public
async def export_dead_letters(journal: Journal, path: str | os.PathLike[str]) -> int:
    """Write the failed rows of a job to a file, one JSON object a line, and return their number.

    Each line has the row's label, the kind of error, the reason, the attribute that caused it, and the values that were
    to be written. The file appears whole or not at all, and only its owner can read it.

    Raises:
        ConfigurationError: The file cannot be created there.
    """
    count = 0

    async def lines() -> AsyncGenerator[bytes]:
        nonlocal count
        async with aclosing(read_pages(journal.dead_letters)) as pages:
            async for letters in pages:
                yield b"".join(msgspec.json.encode(_line(letter)) + b"\n" for letter in letters)
                count += len(letters)

    async with aclosing(lines()) as chunks:
        await write_atomically(Path(path), chunks)
    return count


@public
def read_dead_letters(path: str | os.PathLike[str]) -> Iterator[Row]:
    """Yield the rows of such a file, to give them to a job once they, or what kept them from being written, are fixed.

    Raises:
        ConfigurationError: The file cannot be read, or a line is not a dead letter; the message says which.
    """
    decoder = msgspec.json.Decoder(_LetterLine)
    with open_to_read(path) as file:
        for number, encoded in enumerate(file, 1):
            if not encoded.strip():
                continue
            try:
                line = decoder.decode(encoded)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise ConfigurationError(f"line {number} of {path} is not a dead letter: {error}") from None
            parent = (
                RecordRef(line.parent_object, line.parent_id)
                if line.parent_object and line.parent_id
                else None
            )
            yield Row(line.values, label=line.label, id=line.id, parent=parent)


def _line(letter: DeadLetter) -> _LetterLine:
    payload, failure = Payload.decode(letter.payload), letter.failure
    return _LetterLine(
        label=letter.label,
        kind=failure.kind,
        reason=failure.reason,
        values=payload.values,
        attribute=failure.attribute,
        id=payload.id,
        parent_object=payload.parent_object,
        parent_id=payload.parent_id,
    )
