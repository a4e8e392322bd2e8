"""From rows as they are given to rows as a journal keeps them."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import aclosing, suppress
from typing import Any

import anyio
import attrs
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..._utils.concurrency import iterate
from ...errors import AttioError, ConfigurationError
from .._journal.protocol import Closing, Journal, JournalRow
from .decisions import MatchKey, RowOperation
from .diff import Comparer
from .payload import (
    Payload,
    chained,
    failure_of,
    materialised,
    plain,
)
from .report import Outcome, Row

Given = Any
"""A mapping from attribute slugs to values, a `Row`, or what names a record or entry to delete."""

Rows = Iterable[Given] | AsyncIterable[Given]

_TURNS = 20
"""How often whoever reads the input gets a turn to bring another row, before that counts as waiting."""

_UNINTERRUPTED = 16
"""Rows that are read before others get a turn, which costs about as much as reading a row: a few milliseconds."""

_AT_ONCE = 1_000
"""Digests that are read at once to check the input of a job that goes on."""


@attrs.frozen(kw_only=True)
class Prepared:
    """One row in Attio's shape, or what is wrong with it.

    Attributes:
        index: Its place in the input, from 0.
        label: What it is called in reports.
        digest: Of this row and all before it.
        payload: What is to be written.
        keys: What no other row may have.
        error: Why it is not to be written.
        is_duplicate: Whether it is not to be written because another one with its key is.
    """

    index: int
    label: object
    digest: bytes
    payload: Payload
    keys: tuple[MatchKey, ...] = ()
    error: AttioError | None = None
    is_duplicate: bool = False

    @property
    def task(self) -> JournalRow:
        """As it is put down."""
        label = self.label if isinstance(self.label, int | str) else str(self.label)
        closing = None
        if self.error is not None:
            closing = Closing(index=self.index, status="failed", failure=failure_of(self.error))
        elif self.is_duplicate:
            closing = Closing(index=self.index, status="duplicate")
        return JournalRow(
            index=self.index, label=label, digest=self.digest, payload=self.payload.encode(), closing=closing
        )

    @property
    def outcome(self) -> Outcome | None:
        """What became of it, where it is not to be written."""
        if self.error is not None:
            return Outcome(self.index, self.label, "failed", error=self.error)
        return Outcome(self.index, self.label, "duplicate") if self.is_duplicate else None


async def prepared(operation: RowOperation, rows: Rows) -> AsyncGenerator[Prepared]:
    """The rows in Attio's shape, one after the other."""
    digest: bytes | None = None
    index = 0
    async with aclosing(iterate(rows)) as items:
        async for item in items:
            row = _row(operation, item)
            digest = chained(digest, [plain(row.values), row.id, row.parent, row.error])
            yield await _prepare(operation, row, index, digest)
            index += 1


def _row(operation: RowOperation, item: Given) -> Row:
    try:
        row = item if isinstance(item, Row) else operation.row(item)
    except AttioError as error:
        return Row({}, error=error)
    return attrs.evolve(row, values=materialised(row.values))


async def _prepare(operation: RowOperation, row: Row, index: int, digest: bytes) -> Prepared:
    label = index if row.label is None else row.label
    try:
        if row.error is not None:
            raise row.error
        payload = await operation.payload(row)
        target = operation.target
        comparer = Comparer(await target.schemas.for_reading(target.name, target=target.kind))
        keys = tuple(operation.keys(payload, comparer))
    except AttioError as error:
        raw = _raw(row, operation)
        return Prepared(index=index, label=label, digest=digest, payload=raw, error=error)
    return Prepared(index=index, label=label, digest=digest, payload=payload, keys=keys)


def _raw(row: Row, operation: RowOperation) -> Payload:
    """A row that does not fit, as it was given, so that it can be put right."""
    values: Mapping[str, Any] = plain(row.values)
    named = None if row.id is None else str(row.id)
    with suppress(AttioError):
        named = None if row.id is None else operation.target.id_of(row.id)
    parent = None if row.parent is None else plain({"parent": row.parent})["parent"]
    return Payload({**values, **({"parent_record": parent} if parent is not None else {})}, named, raw=True)


async def unlike_before(
    rows: AsyncGenerator[Prepared],
    journal: Journal,
    known: int,
    *,
    may_grow: bool,
    checked: Callable[[], None],
) -> AsyncGenerator[Prepared]:
    """The rows that the journal does not have yet, after checking that those it has are the same as then.

    Args:
        rows: The whole input.
        journal: The journal.
        known: How many rows it has.
        may_grow: Whether there may be more rows now.
        checked: Called when all of those have been found the same.

    Raises:
        ConfigurationError: The input is another one.
    """
    digests: list[bytes] = []
    index = -1
    if not known:
        checked()
    async with aclosing(rows):
        async for row in rows:
            index = row.index
            if index >= known and may_grow:
                yield row
                continue
            if index >= known:
                raise ConfigurationError(
                    f"the input has more than the {known} rows it had when the journal was begun, and rows with the "
                    "same key are put together over all of it; give the job the same input, or another journal"
                )
            if not digests:
                digests = list(await journal.digests(index, _AT_ONCE))
            if digests.pop(0) != row.digest:
                raise ConfigurationError(
                    f"row {row.label} of the input is not what it was when the journal was begun; "
                    "give the job the same input, or another journal"
                )
            if index == known - 1:
                checked()
    if index + 1 < known:
        raise ConfigurationError(
            f"the input has {index + 1} rows, and the journal was begun with {known} or more; "
            "give the job the same input, or another journal"
        )


async def feed(rows: AsyncGenerator[Prepared], send: MemoryObjectSendStream[Prepared]) -> None:
    """Read the rows into a stream, until nobody takes them any more."""
    async with send, aclosing(rows):
        with suppress(anyio.BrokenResourceError):
            async for row in rows:
                if row.index % _UNINTERRUPTED == 0:
                    await checkpoint()
                try:
                    send.send_nowait(row)
                except anyio.WouldBlock:
                    await send.send(row)


async def with_what_is_ready(
    first: Prepared, receive: MemoryObjectReceiveStream[Prepared], most: int
) -> list[Prepared]:
    """The row, and those that come without anybody having to wait: one query then looks at all of them."""
    batch = [first]
    while len(batch) < most:
        for _ in range(_TURNS):
            if receive.statistics().current_buffer_used:
                break
            await checkpoint()
        else:
            break
        batch.append(receive.receive_nowait())
    return batch
