"""Deduplicate the rows of an input that are about the same record."""

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

import attrs
import msgspec

from ..._schema import ObjectSchema
from ..._storage.sqlite import open_temporary
from ...errors import DuplicateKey
from .operations import RowOperation
from .options import Duplicates
from .payload import Payload, storable_label
from .reader import PreparedRow


class KeyIndex:
    """The row that owns each key. Used as a context manager, it is gone at the end.

    It is kept in a temporary database, which spills to disk. A key is any value that JSON can hold.
    """

    TABLES = "CREATE TABLE keys (key BLOB PRIMARY KEY, owner) WITHOUT ROWID;"

    def __init__(self) -> None:
        self._database = open_temporary(self.TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def claim(self, keys: Iterable[object], owner: int | str) -> Any:
        """Assign the keys to a row, unless one of them has an owner already.

        Returns:
            The earlier owner, and then no key is assigned; None without one.
        """
        digests = [_digest(key) for key in keys]
        if len(digests) == 1 and self._assign_new(digests[0], owner):
            return None
        earlier = next(self._owners(digests), None)
        if earlier is None:
            self._assign(digests, owner)
        return earlier

    def owners(self, keys: Iterable[object]) -> Iterator[Any]:
        """Yield the owners of those keys that have one."""
        return self._owners(map(_digest, keys))

    def assign(self, keys: Iterable[object], owner: int | str) -> None:
        """Make a row the owner of the keys."""
        self._assign(map(_digest, keys), owner)

    def _assign_new(self, digest: bytes, owner: int | str) -> bool:
        """Make a row the owner of a key that has none, in one statement; return False if it has one."""
        statement = "INSERT OR IGNORE INTO keys VALUES (?, ?)"
        return self._database.execute(statement, (digest, owner)).rowcount == 1

    def _owners(self, digests: Iterable[bytes]) -> Iterator[Any]:
        for digest in digests:
            row = self._database.execute("SELECT owner FROM keys WHERE key = ?", (digest,)).fetchone()
            if row is not None:
                yield row[0]

    def _assign(self, digests: Iterable[bytes], owner: int | str) -> None:
        rows = [(digest, owner) for digest in digests]
        self._database.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?)", rows)


def _digest(key: object) -> bytes:
    return blake2b(msgspec.json.encode(key, order="deterministic"), digest_size=16).digest()


def deduplicate(
    rows: AsyncGenerator[PreparedRow], operation: RowOperation, duplicates: Duplicates, schema: ObjectSchema
) -> AsyncGenerator[PreparedRow]:
    """Yield the rows, with at most one of those that share a key still to be written."""
    if duplicates in {"refuse", "first"}:
        return _keep_first(rows, refuse=duplicates == "refuse")
    return _keep_last(rows, operation, schema, merge=duplicates == "merge")


async def _keep_first(rows: AsyncGenerator[PreparedRow], *, refuse: bool) -> AsyncGenerator[PreparedRow]:
    with KeyIndex() as index:
        async with aclosing(rows):
            async for row in rows:
                earlier = index.claim(
                    [(key.slug, key.form) for key in row.keys], str(storable_label(row.label))
                )
                if earlier is None:
                    yield row
                elif refuse:
                    slug = row.keys[0].slug
                    reason = f"row {earlier} has the same value, and only the first such row is tried"
                    error = DuplicateKey.single(slug, None, row.payload.values.get(slug), reason)
                    yield attrs.evolve(row, error=error)
                else:
                    yield attrs.evolve(row, is_duplicate=True)


async def _keep_last(
    rows: AsyncGenerator[PreparedRow], operation: RowOperation, schema: ObjectSchema, *, merge: bool
) -> AsyncGenerator[PreparedRow]:
    with _Spool() as spool:
        failed: dict[int, PreparedRow] = {}
        async with aclosing(rows):
            async for row in rows:
                earlier = spool.add(row)
                if row.error is not None:
                    failed[row.index] = row  # errors stay in memory
                elif earlier and merge:
                    _merge(spool, operation, schema, earlier, row)
                elif earlier:
                    spool.supersede(earlier, row.index)
        for row in spool.rows():
            yield failed.pop(row.index, row)


def _merge(
    spool: "_Spool", operation: RowOperation, schema: ObjectSchema, earlier: Sequence[int], row: PreparedRow
) -> None:
    """Merge a row and the earlier ones into the first."""
    first, *others = earlier
    payload = spool.payload(first)
    for index in others:
        payload = operation.merge(payload, spool.payload(index), schema)
    spool.replace(first, operation.merge(payload, row.payload, schema))
    spool.supersede([*others, row.index], first)


class _Spool(KeyIndex):
    """The whole input, and which row is written for each."""

    TABLES = f"""
        {KeyIndex.TABLES}
        CREATE TABLE spool (place INTEGER PRIMARY KEY, label, digest BLOB, payload BLOB, survivor INTEGER);
        CREATE INDEX spool_by_survivor ON spool (survivor) WHERE survivor IS NOT NULL;
    """

    def add(self, row: PreparedRow) -> list[int]:
        """Add a row, and return the earlier rows that are written for its keys."""
        label = storable_label(row.label)
        columns = (row.index, label, row.digest, row.payload.encode())
        self._database.execute("INSERT INTO spool VALUES (?, ?, ?, ?, NULL)", columns)
        keys = [(key.slug, key.form) for key in row.keys]
        query = "SELECT coalesce(survivor, place) FROM spool WHERE place = ?"
        survivors = {self._database.execute(query, (owner,)).fetchone()[0] for owner in self.owners(keys)}
        self.assign(keys, row.index)
        return sorted(survivors)

    def supersede(self, indices: Sequence[int], survivor: int) -> None:
        """Write another row instead of these, and of those that they are written for."""
        rows = [(survivor, index) for index in indices]
        self._database.executemany("UPDATE spool SET survivor = ? WHERE place = ?", rows)
        self._database.executemany("UPDATE spool SET survivor = ? WHERE survivor = ?", rows)

    def payload(self, index: int) -> Payload:
        """Return the payload of a row."""
        query = "SELECT payload FROM spool WHERE place = ?"
        return Payload.decode(self._database.execute(query, (index,)).fetchone()[0])

    def replace(self, index: int, payload: Payload) -> None:
        """Replace the payload of a row."""
        self._database.execute("UPDATE spool SET payload = ? WHERE place = ?", (payload.encode(), index))

    def rows(self) -> Iterator[PreparedRow]:
        """Yield all rows in their order."""
        for index, label, digest, payload, survivor in self._database.execute(
            "SELECT * FROM spool ORDER BY place"
        ):
            yield PreparedRow(
                index=index,
                label=label,
                digest=digest,
                payload=Payload.decode(payload),
                is_duplicate=survivor is not None,
            )
