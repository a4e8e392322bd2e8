"""The merges that a program has seen: which record an old id leads to."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from .._records.models import record_id
from .._utils.public import public

if TYPE_CHECKING:
    import sqlite3

    from .._storage.sqlite import SQLiteDatabase
    from ..webhooks._events import RecordMerged

_PUT = "INSERT INTO merges (old, new) VALUES (?, ?) ON CONFLICT (old) DO UPDATE SET new = excluded.new"
_GET = "SELECT new FROM merges WHERE old = ?"


@public
class Merges:
    """A store of merges: the ids of merged records, and the new record that each leads to.

    A merge ends the ids of both records, and Attio answers 404 for them.

    `Records.merge` adds to the store of its client. Add the merges of others from their events::

        @receiver.on("record.merged")
        async def on_merge(event):
            await attio.merges.add_event(event)

    Args:
        path: A SQLite file, which several processes may share; only its owner may read it. Without one, the store is
            in memory.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._database = None if path is None else _database(path)
        self._known: dict[str, str] = {}

    async def follow(self, record: object) -> str:
        """Return the id of the record that holds this one's values now: its own, if it was not merged as far as known.

        Raises:
            CoercionError: `record` is not a valid id, `Record` or address.
        """
        start = record_id(record)
        if self._database is None:
            return _follow(start, self._known.get)
        return await self._database.do(lambda connection: _follow(start, _reader(connection)))

    async def add(self, new: object, *old: object) -> None:
        """Add a merge of records into a new one. Adding it again changes nothing.

        Raises:
            StorageError: The file cannot be written.
        """
        new_id = record_id(new)
        pairs = [(old_id, new_id) for old_id in map(record_id, old) if old_id != new_id]
        if self._database is None:
            self._known.update(pairs)
        else:
            await self._database.do(lambda connection: connection.executemany(_PUT, pairs))

    async def add_event(self, event: "RecordMerged") -> None:
        """Add the merge that a `record.merged` event tells of.

        Raises:
            StorageError: The file cannot be written.
        """
        await self.add(event.record_id, event.duplicate_record_id)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        if self._database is not None:
            await self._database.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return "Merges()" if self._database is None else f"Merges({str(self._database.path)!r})"


def _database(path: str | os.PathLike[str]) -> "SQLiteDatabase":
    from .._storage.sqlite import SQLiteDatabase, SQLiteFormat  # noqa: PLC0415 - most programs have no such file

    tables = "CREATE TABLE merges (old TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID"
    format = SQLiteFormat(purpose="store of merges", application_id=0x41744D67, tables=tables, is_shared=True)
    return SQLiteDatabase(path, format)


def _reader(connection: "sqlite3.Connection") -> Callable[[str], str | None]:
    def read(old: str) -> str | None:
        row = connection.execute(_GET, (old,)).fetchone()
        return None if row is None else str(row[0])

    return read


def _follow(start: str, next_of: Callable[[str], str | None]) -> str:
    """Follow a chain of merges to its end. A circle, which no merges make, ends where it closes."""
    seen, current = {start}, start
    while (found := next_of(current)) is not None and found not in seen:
        current = found
        seen.add(found)
    return current
