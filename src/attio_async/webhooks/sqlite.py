"""Deliveries in a file that outlives the process."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread

from ..errors import ConfigurationError
from .store import Delivery

__all__ = ["SQLiteStore"]

T = TypeVar("T")

_TABLE = """
CREATE TABLE IF NOT EXISTS deliveries (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at REAL NOT NULL,
    done TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_by_state ON deliveries (state, received_at);
"""
_COLUMNS = "key, body, received_at, done, attempts, reason"
_CHUNK = 500
_SWEEP_EVERY = 1000
_WEEK = 7 * 24 * 3600.0


class _Work(Generic[T]):
    """One thing to do with the database, and what came of it."""

    __slots__ = ("_action", "_error", "_result", "is_done")

    def __init__(self, action: Callable[[sqlite3.Connection], T]) -> None:
        self._action = action
        self._result: list[T] = []
        self._error: Exception | None = None
        self.is_done = False

    def run(self, database: sqlite3.Connection) -> None:
        self._result = [self._action(database)]

    def fail(self, error: Exception) -> None:
        self._error = error

    @property
    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._result[0]


class SQLiteStore:
    """Keeps deliveries in a SQLite file, which survives crashes of the process and of the machine.

    The file is readable for this user only, holds event bodies until they are handled, and belongs to one process at
    a time. What many tasks ask for at once is written and synced together.

    Args:
        path: The file. It is made when it is first used.
        remember: Seconds for which finished deliveries are recognised when they come again. Attio repeats for about
            three days.
    """

    def __init__(self, path: str | os.PathLike[str], *, remember: float = _WEEK) -> None:
        self._path = Path(path)
        self._remember = remember
        self._waiting: list[_Work[Any]] = []
        self._turn = anyio.Lock()
        self._one_thread = anyio.CapacityLimiter(1)
        self._database: sqlite3.Connection | None = None
        self._guard = threading.Lock()
        self._added = 0

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self._path)!r})"

    async def add(self, delivery: Delivery) -> bool:
        """See `DeliveryStore`.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        self._added += 1
        if self._added % _SWEEP_EVERY == 1:
            await self._do(lambda db: _forget(db, delivery.received_at - self._remember))
        return await self._do(lambda db: _insert(db, delivery, "pending"))

    async def pending(self) -> Sequence[str]:
        """See `DeliveryStore`.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        query = "SELECT key FROM deliveries WHERE state = 'pending' ORDER BY place"
        return await self._do(lambda db: [key for (key,) in db.execute(query)])

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._do(lambda db: _load(db, keys))

    async def save(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._do(lambda db: _update(db, delivery, "pending"))

    async def finish(self, keys: Sequence[str]) -> None:
        """See `DeliveryStore`."""
        statement = (
            "UPDATE deliveries SET state = 'finished', body = x'', done = '[]', reason = NULL WHERE key = ?"
        )
        await self._do(lambda db: db.executemany(statement, [(key,) for key in keys]))

    async def bury(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""

        def bury(database: sqlite3.Connection) -> None:
            _insert(database, delivery, "dead")
            _update(database, delivery, "dead")

        await self._do(bury)

    async def dead_letters(self) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        query = f"SELECT {_COLUMNS} FROM deliveries WHERE state = 'dead' ORDER BY place"  # noqa: S608 - constants
        return await self._do(lambda db: [_delivery(row) for row in db.execute(query)])

    async def revive(self, key: str) -> Delivery | None:
        """See `DeliveryStore`."""

        def revive(database: sqlite3.Connection) -> Delivery | None:
            statement = "UPDATE deliveries SET state = 'pending', attempts = 0, reason = NULL"
            changed = database.execute(f"{statement} WHERE key = ? AND state = 'dead'", (key,))
            return next(iter(_load(database, [key])), None) if changed.rowcount else None

        return await self._do(revive)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await anyio.to_thread.run_sync(self._close, limiter=self._one_thread)

    def _close(self) -> None:
        with self._guard:
            database, self._database = self._database, None
            if database is not None:
                database.close()

    async def _do(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Whoever gets the turn does the work of all who wait, in one transaction."""
        work = _Work(action)
        self._waiting.append(work)
        async with self._turn:
            if not work.is_done:
                batch, self._waiting = self._waiting, []
                await anyio.to_thread.run_sync(self._transaction, batch, limiter=self._one_thread)
        return work.result

    def _transaction(self, batch: Sequence[_Work[Any]]) -> None:
        with self._guard:
            try:
                if self._database is None:
                    self._database = _opened(self._path)
                with self._database as database:
                    database.execute("BEGIN IMMEDIATE")
                    for work in batch:
                        work.run(database)
            except Exception as error:  # noqa: BLE001 - whoever waits for it is told, in its own task
                for work in batch:
                    work.fail(error)
            for work in batch:
                work.is_done = True


def _opened(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_TABLE)
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            raise ConfigurationError(f"{path} is in use by another process; give each its own file") from None
        raise
    except sqlite3.DatabaseError as error:
        database.close()
        raise ConfigurationError(f"{path} is no file of this store: {error}") from None
    return database


def _row(delivery: Delivery) -> tuple[Any, ...]:
    done = json.dumps(sorted(delivery.done))
    return delivery.body, delivery.received_at, done, delivery.attempts, delivery.reason, delivery.key


def _insert(database: sqlite3.Connection, delivery: Delivery, state: str) -> bool:
    statement = (
        "INSERT INTO deliveries (body, received_at, done, attempts, reason, key, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
    )
    return database.execute(statement, (*_row(delivery), state)).rowcount == 1


def _update(database: sqlite3.Connection, delivery: Delivery, state: str) -> None:
    body, received_at, done, attempts, reason, key = _row(delivery)
    statement = (
        "UPDATE deliveries SET body = ?, received_at = ?, done = ?, attempts = ?, reason = ?, state = ?"
        " WHERE key = ? AND state = 'pending'"
    )
    database.execute(statement, (body, received_at, done, attempts, reason, state, key))


def _load(database: sqlite3.Connection, keys: Sequence[str]) -> list[Delivery]:
    found = {delivery.key: delivery for chunk in _chunks(keys) for delivery in _chunk(database, chunk)}
    return [found[key] for key in keys if key in found]


def _chunk(database: sqlite3.Connection, keys: Sequence[str]) -> Iterator[Delivery]:
    marks = ", ".join("?" * len(keys))
    query = f"SELECT {_COLUMNS} FROM deliveries WHERE state = 'pending' AND key IN ({marks})"  # noqa: S608 - marks
    return map(_delivery, database.execute(query, tuple(keys)))


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))


def _forget(database: sqlite3.Connection, before: float) -> None:
    database.execute("DELETE FROM deliveries WHERE state = 'finished' AND received_at < ?", (before,))


def _delivery(row: tuple[Any, ...]) -> Delivery:
    key, body, received_at, done, attempts, reason = row
    return Delivery(
        key=key,
        body=body,
        received_at=received_at,
        done=frozenset(json.loads(done)),
        attempts=attempts,
        reason=reason,
    )
