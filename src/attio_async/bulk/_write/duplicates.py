"""Rows of one input that are about the same record."""

import sqlite3
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing, closing
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

import attrs
import msgspec

from ..._schema import ObjectSchema
from ...errors import DuplicateKey
from .decisions import MatchKey, RowOperation
from .options import Duplicates
from .payload import Payload
from .reader import Prepared


class SeenKeys:
    """Remembers each key with the label of the row that brought it.

    Kept in a temporary database of SQLite's own, which spills to disk and vanishes with the job.
    """

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, label TEXT) WITHOUT ROWID")
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def claim(self, values: Iterable[Any], label: object) -> str | None:
        """Take these key values for the row called `label`.

        Returns:
            None, or the label of the earlier row that has one of them; then none is taken.
        """
        keys = [
            blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=16).digest()
            for value in values
        ]
        for key in keys:
            earlier = self._database.execute("SELECT label FROM seen WHERE key = ?", (key,)).fetchone()
            if earlier is not None:
                return str(earlier[0])
        self._database.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", [(key, str(label)) for key in keys]
        )
        return None


_TABLES = """
CREATE TABLE spool (place INTEGER PRIMARY KEY, row BLOB, survivor INTEGER);
CREATE TABLE keys (key BLOB PRIMARY KEY, place INTEGER) WITHOUT ROWID;
CREATE INDEX keys_by_place ON keys (place);
"""


def resolved(
    rows: AsyncGenerator[Prepared],
    operation: RowOperation,
    duplicates: Duplicates,
    schema: ObjectSchema,
) -> AsyncGenerator[Prepared]:
    """The rows, at most one of those that share a key still to be written."""
    if duplicates in {"refuse", "first"}:
        return _first_wins(rows, refuse=duplicates == "refuse")
    return _spooled(rows, operation, schema, merge=duplicates == "merge")


async def _first_wins(rows: AsyncGenerator[Prepared], *, refuse: bool) -> AsyncGenerator[Prepared]:
    with SeenKeys() as seen:
        async with aclosing(rows):
            async for row in rows:
                earlier = seen.claim([(key.slug, key.form) for key in row.keys], row.label)
                if earlier is None:
                    yield row
                elif refuse:
                    reason = f"row {earlier} has the same value, so this one was not written"
                    slug = row.keys[0].slug
                    error = DuplicateKey.single(slug, None, row.payload.values.get(slug), reason)
                    yield attrs.evolve(row, error=error)
                else:
                    yield attrs.evolve(row, is_duplicate=True)


async def _spooled(
    rows: AsyncGenerator[Prepared], operation: RowOperation, schema: ObjectSchema, *, merge: bool
) -> AsyncGenerator[Prepared]:
    with closing(sqlite3.connect("", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_TABLES)
        spool = _Spool(database)
        failed: dict[int, Prepared] = {}
        async with aclosing(rows):
            async for row in rows:
                spool.add(row)
                if row.error is not None:
                    failed[row.index] = row  # an error is kept as it is
                elif earlier := spool.with_keys(row.keys):
                    if merge:
                        _merge(spool, operation, schema, earlier, row)
                    else:
                        spool.supersede(earlier, row.index)
                spool.own(row)
        for row in spool.rows():
            yield failed.pop(row.index, row)


def _merge(
    spool: "_Spool", operation: RowOperation, schema: ObjectSchema, earlier: Sequence[int], row: Prepared
) -> None:
    """Make the first of the rows all of them."""
    first, *others = earlier
    payload = spool.payload(first)
    for place in others:
        payload = operation.merged(payload, spool.payload(place), schema)
    spool.replace(first, operation.merged(payload, row.payload, schema))
    spool.supersede([*others, row.index], first)


class _Row(msgspec.Struct):
    label: int | str
    digest: bytes
    payload: Payload


class _Spool:
    """The whole input in a temporary database, which spills to disk."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, row: Prepared) -> None:
        label = row.label if isinstance(row.label, int | str) else str(row.label)
        encoded = msgspec.msgpack.encode(_Row(label, row.digest, row.payload))
        self._database.execute("INSERT INTO spool VALUES (?, ?, ?)", (row.index, encoded, row.index))

    def own(self, row: Prepared) -> None:
        """Note who has the row's keys now: the row, or what it became part of."""
        (survivor,) = self._database.execute(
            "SELECT survivor FROM spool WHERE place = ?", (row.index,)
        ).fetchone()
        for key in row.keys:
            self._database.execute("INSERT OR REPLACE INTO keys VALUES (?, ?)", (_digest(key), survivor))

    def with_keys(self, keys: Iterable[MatchKey]) -> list[int]:
        """The earlier rows that have one of the keys."""
        found: set[int] = set()
        for key in keys:
            row = self._database.execute("SELECT place FROM keys WHERE key = ?", (_digest(key),)).fetchone()
            if row is not None:
                found.add(row[0])
        return sorted(found)

    def supersede(self, places: Sequence[int], survivor: int) -> None:
        """Have another row stand for these."""
        changed = [(survivor, place) for place in places]
        self._database.executemany("UPDATE keys SET place = ? WHERE place = ?", changed)
        self._database.executemany("UPDATE spool SET survivor = ? WHERE survivor = ?", changed)

    def payload(self, place: int) -> Payload:
        return self._row(place).payload

    def replace(self, place: int, payload: Payload) -> None:
        row = self._row(place)
        encoded = msgspec.msgpack.encode(_Row(row.label, row.digest, payload))
        self._database.execute("UPDATE spool SET row = ? WHERE place = ?", (encoded, place))

    def rows(self) -> Iterable[Prepared]:
        """All rows, in their order."""
        for place, encoded, survivor in self._database.execute("SELECT * FROM spool ORDER BY place"):
            row = msgspec.msgpack.decode(encoded, type=_Row)
            yield Prepared(
                index=place,
                label=row.label,
                digest=row.digest,
                payload=row.payload,
                is_duplicate=survivor != place,
            )

    def _row(self, place: int) -> _Row:
        encoded: tuple[Any, ...] = self._database.execute(
            "SELECT row FROM spool WHERE place = ?", (place,)
        ).fetchone()
        return msgspec.msgpack.decode(encoded[0], type=_Row)


def _digest(key: MatchKey) -> bytes:
    text = msgspec.json.encode((key.slug, key.form), order="deterministic")
    return blake2b(text, digest_size=16).digest()
