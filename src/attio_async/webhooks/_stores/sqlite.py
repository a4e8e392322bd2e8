"""A store of deliveries in a SQLite file, which outlives the process."""

import os
import sqlite3
from collections.abc import Sequence
from typing import Any

from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._utils.public import public
from .base import REMEMBER_S, Delivery, DeliveryStore, delivery_of, row_of

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
_COLUMNS = ("key", "body", "received_at", "done", "attempts", "reason")
_INSERT = """
INSERT INTO deliveries (state, key, body, received_at, done, attempts, reason)
VALUES (:state, :key, :body, :received_at, :done, :attempts, :reason)
ON CONFLICT (key) DO NOTHING
"""
_UPDATE = """
UPDATE deliveries
SET state = :state, body = :body, received_at = :received_at, done = :done, attempts = :attempts, reason = :reason
WHERE key = :key AND state = 'pending'
"""
_SELECT = "SELECT key, body, received_at, done, attempts, reason FROM deliveries"
_FINISH = "UPDATE deliveries SET state = 'finished', body = x'', done = '[]', reason = NULL WHERE key = ?"
_REVIVE = (
    "UPDATE deliveries SET state = 'pending', attempts = 0, reason = NULL WHERE key = ? AND state = 'dead'"
)
_FORGET = "DELETE FROM deliveries WHERE state = 'finished' AND received_at < ?"
_FORGET_EVERY = 1000
"""Deliveries added between two searches for keys to forget."""


@public
class SQLiteStore(DeliveryStore):
    """A store in a SQLite file, which survives crashes of the process and of the machine.

    Only the file's owner may read it. It holds bodies until they are handled, and belongs to one process at a time.
    Concurrent operations share a transaction.

    Args:
        path: The file. It is created when it is first used.
        remember: Seconds for which finished deliveries are remembered, to recognise repeated ones.
    """

    def __init__(self, path: str | os.PathLike[str], *, remember: float = REMEMBER_S) -> None:
        self._database = SQLiteDatabase(path, _FORMAT)
        self._remember = remember
        self._added = 0

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self._database.path)!r})"

    async def add(self, delivery: Delivery) -> bool:
        """Store a new delivery as pending; see `DeliveryStore`.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        if self._added % _FORGET_EVERY == 0:
            await self._database.run(_FORGET, [(delivery.received_at - self._remember,)])
        self._added += 1
        return bool(await self._database.run(_INSERT, [_named("pending", delivery)]))

    async def pending(self) -> Sequence[str]:
        """Return the keys of all pending deliveries, in the order of arrival.

        Raises:
            ConfigurationError: The file belongs to another process, or cannot be used.
        """
        query = "SELECT key FROM deliveries WHERE state = 'pending' ORDER BY place"
        return [key for (key,) in await self._database.fetch(query)]

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        return await self._database.do(lambda db: self._load(db, keys))

    async def save(self, delivery: Delivery) -> None:
        await self._database.run(_UPDATE, [_named("pending", delivery)])

    async def finish(self, keys: Sequence[str]) -> None:
        await self._database.run(_FINISH, [(key,) for key in keys])

    async def bury(self, delivery: Delivery) -> None:
        def bury(database: sqlite3.Connection) -> None:
            for statement in (_INSERT, _UPDATE):
                database.execute(statement, _named("dead", delivery))

        await self._database.do(bury)

    async def dead_letters(self) -> Sequence[Delivery]:
        query = f"{_SELECT} WHERE state = 'dead' ORDER BY place"
        return [delivery_of(row, self._database.path) for row in await self._database.fetch(query)]

    async def revive(self, key: str) -> Delivery | None:
        def revive(database: sqlite3.Connection) -> Delivery | None:
            is_revived = database.execute(_REVIVE, (key,)).rowcount == 1
            return self._load(database, [key])[0] if is_revived else None

        return await self._database.do(revive)

    async def aclose(self) -> None:
        await self._database.aclose()

    def _load(self, database: sqlite3.Connection, keys: Sequence[str]) -> list[Delivery]:
        query = f"{_SELECT} WHERE key = ? AND state = 'pending'"
        path = self._database.path
        return [delivery_of(row, path) for key in keys for row in database.execute(query, (key,))]


def _named(state: str, delivery: Delivery) -> dict[str, Any]:
    return dict(zip(("state", *_COLUMNS), (state, *row_of(delivery)), strict=True))
