"""Deliveries in a file that outlives the process."""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from .base import Delivery

_FORMAT = SQLiteFormat(
    purpose="delivery store",
    application_id=0x41744465,
    tables="""
CREATE TABLE deliveries (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    body BLOB NOT NULL,
    received_at REAL NOT NULL,
    done TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT
);
CREATE INDEX deliveries_by_state ON deliveries (state, received_at);
""",
)
_COLUMNS = "key, body, received_at, done, attempts, reason"
_CHUNK = 500
_SWEEP_EVERY = 1000
_WEEK = 7 * 24 * 3600.0


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
        self._database = SQLiteDatabase(path, _FORMAT)
        self._remember = remember
        self._added = 0

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self._database.path)!r})"

    async def add(self, delivery: Delivery) -> bool:
        """See `DeliveryStore`.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        self._added += 1
        if self._added % _SWEEP_EVERY == 1:
            await self._database.do(lambda db: _forget(db, delivery.received_at - self._remember))
        return await self._database.do(lambda db: _insert(db, delivery, "pending"))

    async def pending(self) -> Sequence[str]:
        """See `DeliveryStore`.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        query = "SELECT key FROM deliveries WHERE state = 'pending' ORDER BY place"
        return [key for (key,) in await self._database.fetch(query)]

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._database.do(lambda db: _load(db, keys))

    async def save(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._database.do(lambda db: _update(db, delivery, "pending"))

    async def finish(self, keys: Sequence[str]) -> None:
        """See `DeliveryStore`."""
        statement = (
            "UPDATE deliveries SET state = 'finished', body = x'', done = '[]', reason = NULL WHERE key = ?"
        )
        await self._database.run(statement, [(key,) for key in keys])

    async def bury(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""

        def bury(database: sqlite3.Connection) -> None:
            _insert(database, delivery, "dead")
            _update(database, delivery, "dead")

        await self._database.do(bury)

    async def dead_letters(self) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        query = f"SELECT {_COLUMNS} FROM deliveries WHERE state = 'dead' ORDER BY place"  # noqa: S608 - constants
        return list(map(_delivery, await self._database.fetch(query)))

    async def revive(self, key: str) -> Delivery | None:
        """See `DeliveryStore`."""

        def revive(database: sqlite3.Connection) -> Delivery | None:
            statement = "UPDATE deliveries SET state = 'pending', attempts = 0, reason = NULL"
            changed = database.execute(f"{statement} WHERE key = ? AND state = 'dead'", (key,))
            return next(iter(_load(database, [key])), None) if changed.rowcount else None

        return await self._database.do(revive)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        await self._database.aclose()


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
