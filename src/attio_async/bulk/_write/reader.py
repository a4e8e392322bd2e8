"""Turn the input rows of a job into rows for its journal."""

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from contextlib import aclosing, suppress
from typing import Any

import anyio
import attrs
import msgspec
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..._utils.callbacks import ENDS
from ..._utils.concurrency import iterate
from ..._workspace.encode import materialise
from ..._workspace.rows import Nulls, without_nulls
from ...errors import AttioError, CoercionError, InputChanged
from .._journal.protocol import Closing, Journal, JournalRow
from .decisions import MatchKey
from .diff import Comparer
from .operations import RowOperation
from .payload import (
    Payload,
    chain_digest,
    check_slugs,
    encodable,
    exact_number,
    storable,
    storable_label,
    to_failure,
    to_json_values,
)
from .report import LocatedRow, Outcome, Row

InputRow = Any
"""A mapping from attribute slugs to values, a `Row`, or a reference to a record or entry to delete."""

InputRows = Iterable[InputRow] | AsyncIterable[InputRow]

_MAX_TURNS = 20
"""The number of turns that the task reading the input gets to bring another row, before that counts as waiting."""
_ROWS_PER_TURN = 16
"""Rows that are read before other tasks get a turn, which costs about as much as reading a row."""
_DIGESTS_PER_READ = 1_000

_AMOUNTS = frozenset({"number", "currency", "rating"})
"""The types of attributes that have numbers."""

_EMPTY_ROW = Row({})


@attrs.frozen(kw_only=True)
class PreparedRow:
    """A row in Attio's shape, or what is wrong with it.

    Attributes:
        index: Its place in the input, from 0.
        label: Its name in reports.
        digest: The digest of this row and all before it.
        payload: What is to be written.
        keys: The keys that no other row may have.
        error: Why the row is not written.
        is_duplicate: Whether the row is not written because another one with its key is.
    """

    index: int
    label: object
    digest: bytes
    payload: Payload
    keys: tuple[MatchKey, ...] = ()
    error: AttioError | None = None
    is_duplicate: bool = False

    @property
    def journal_row(self) -> JournalRow:
        """The row as it is added to a journal."""
        closing = None
        if self.error is not None:
            closing = Closing(index=self.index, status="failed", failure=to_failure(self.error))
        elif self.is_duplicate:
            closing = Closing(index=self.index, status="duplicate")
        return JournalRow(
            index=self.index,
            label=storable_label(self.label),
            digest=self.digest,
            payload=self.payload.encode(),
            closing=closing,
        )

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of a row that is not written; None otherwise."""
        if self.error is not None:
            return Outcome(self.index, self.label, "failed", error=self.error)
        return Outcome(self.index, self.label, "duplicate") if self.is_duplicate else None


async def prepare(
    operation: RowOperation, rows: InputRows, nulls: Nulls = "clear"
) -> AsyncGenerator[PreparedRow]:
    """Yield the rows in Attio's shape."""
    digest: bytes | None = None
    index = 0
    async with aclosing(iterate(rows)) as items:
        async for item in items:
            row, digest = _read(operation, item, digest, nulls)
            yield await _prepare(operation, row, index, digest)
            index += 1


def _read(operation: RowOperation, item: InputRow, before: bytes | None, nulls: Nulls) -> tuple[Row, bytes]:
    """Return a row and its digest. Whatever is odd about it, it is a row, which may fail."""
    row = _EMPTY_ROW
    try:
        if isinstance(item, Row):
            row = Row({}, label=item.label)
        row = item if isinstance(item, Row) else operation.row(item)
        values = materialise(without_nulls(row.values, nulls))
        given = row.given if isinstance(row, LocatedRow) else (row.parent, row.error)
        row = Row(values, row.label, row.error, row.id, row.parent)
        return row, chain_digest(before, [to_json_values(row.values), row.id, *given])
    except AttioError as error:
        return attrs.evolve(row, values={}, error=error), chain_digest(before, [error])
    except ENDS:
        raise
    except BaseException as error:  # noqa: BLE001 - such as a cycle, or a mapping of the caller's own that raises
        odd = _odd(error)
        return attrs.evolve(row, values={}, error=odd), chain_digest(before, [odd])


def _odd(error: BaseException) -> CoercionError:
    """Return the error of a row that cannot be read. The same for the same row in any process."""
    reason = f"cannot be read or encoded ({type(error).__name__})"
    return CoercionError.single("row", None, None, reason, "check its keys and values")


async def _prepare(operation: RowOperation, row: Row, index: int, digest: bytes) -> PreparedRow:
    label = index if row.label is None else row.label
    try:
        payload, keys = await _encode(operation, row)
    except AttioError as error:
        raw = _raw_payload(row, operation)
        return PreparedRow(index=index, label=label, digest=digest, payload=raw, error=error)
    except Exception as error:  # noqa: BLE001 - values of the caller's own may raise anything
        raw = _raw_payload(row, operation)
        return PreparedRow(index=index, label=label, digest=digest, payload=raw, error=_odd(error))
    return PreparedRow(index=index, label=label, digest=digest, payload=payload, keys=keys)


async def _encode(operation: RowOperation, row: Row) -> tuple[Payload, tuple[MatchKey, ...]]:
    if row.error is not None:
        raise row.error
    check_slugs(row.values)
    payload = await operation.payload(row)
    target = operation.target
    comparer = Comparer(await target.schemas.for_reading(target.name, target=target.kind.target))
    keys = tuple(operation.keys(payload, comparer))
    msgspec.json.encode([payload, [(key.slug, key.form) for key in keys]])  # a journal has to keep it
    return payload, keys


def _raw_payload(row: Row, operation: RowOperation) -> Payload:
    """Return an invalid row as it was given, so that it can be fixed.

    Amounts are numbers, which no setting of an import reads in another way than a text.
    """
    values: dict[str, Any] = {}
    id_: str | None = None
    target = operation.target
    schema = target.schemas.peek(target.name, target=target.kind.target)
    attributes = () if schema is None else schema.attributes.values()
    amounts = {each.slug for each in attributes if each.type in _AMOUNTS}
    with suppress(Exception):  # such as a cycle: what cannot be kept is not
        given = {
            slug: exact_number(value) if slug in amounts else value for slug, value in row.values.items()
        }
        values = storable(to_json_values(given))
    with suppress(Exception):
        if row.parent is not None:
            values |= storable(to_json_values({"parent_record": row.parent}))
    with suppress(Exception):
        if row.id is not None:
            id_ = encodable(str(row.id))
            id_ = encodable(target.kind.id_of(row.id))
    return Payload(values, id_, raw=True)


async def skip_known(
    rows: AsyncGenerator[PreparedRow],
    journal: Journal,
    known: int,
    *,
    may_grow: bool,
    confirm_input: Callable[[], None],
    verb: str,
) -> AsyncGenerator[PreparedRow]:
    """Yield the rows that are not in the journal yet, after checking that the others are the same as then.

    Args:
        rows: The whole input.
        journal: The journal.
        known: The number of rows in the journal.
        may_grow: Whether there may be more rows now.
        confirm_input: Called when all known rows were found to be the same.
        verb: What the job does with the rows.

    Raises:
        InputChanged: The input differs.
    """
    digests: list[bytes] = []
    index = -1
    if not known:
        confirm_input()
    async with aclosing(rows):
        async for row in rows:
            index = row.index
            if index >= known and may_grow:
                yield row
                continue
            if index >= known:
                raise InputChanged(
                    f"the input has more than the {known} rows it had when the journal was begun, and rows with the same "
                    "key are looked for in all of it. Give the job the same input, or another journal",
                    verb=verb,
                )
            if not digests:
                digests = list(await journal.digests(index, _DIGESTS_PER_READ))
            if digests.pop(0) != row.digest:
                raise InputChanged(
                    f"row {row.label} of the input, or an option by which it is read, has changed since the journal was "
                    "begun. Give the job the same input and options, or another journal",
                    verb=verb,
                )
            if index == known - 1:
                confirm_input()
    if index + 1 < known:
        raise InputChanged(
            f"the input has {index + 1} rows, and the journal has {known}. "
            "Give the job the same input, or another journal",
            verb=verb,
        )


async def feed(rows: AsyncGenerator[PreparedRow], send: MemoryObjectSendStream[PreparedRow]) -> None:
    """Send the rows to a stream until it is closed at the other end."""
    async with send, aclosing(rows):
        with suppress(anyio.BrokenResourceError):
            async for row in rows:
                if row.index % _ROWS_PER_TURN == 0:
                    await checkpoint()
                try:
                    send.send_nowait(row)
                except anyio.WouldBlock:
                    await send.send(row)


async def take_ready(
    first: PreparedRow, receive: MemoryObjectReceiveStream[PreparedRow], limit: int
) -> list[PreparedRow]:
    """Return the row and those that come without waiting, so that one query reads for all of them."""
    batch, turns = [first], 0
    while len(batch) < limit and turns < _MAX_TURNS:
        try:
            batch.append(receive.receive_nowait())
            turns = 0
        except anyio.WouldBlock:
            turns += 1
            await checkpoint()
        except anyio.EndOfStream:
            break
    return batch
