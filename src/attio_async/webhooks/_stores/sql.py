"""A store of deliveries in a SQL database. How SQLite and PostgreSQL differ is in their `.sql` files."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..._storage.database import SQLConnection, SQLDatabase
from .base import Delivery, DeliveryStore, delivery_of, row_of

_COLUMNS = ("key", "body", "received_at", "done", "attempts", "reason")
_FORGET_EVERY = 1000
"""Deliveries added between two searches for keys to forget."""


class SQLStore(DeliveryStore):
    """A store in a SQL database: what SQLite and PostgreSQL do alike.

    Args:
        database: The database.
        statements: Its statements by name.
        name: The name of the store in the database.
        shown: The store in words, for messages.
        remember: Seconds for which finished deliveries are remembered, to recognise repeated ones.
    """

    def __init__(
        self,
        database: SQLDatabase[Any],
        statements: Mapping[str, str],
        *,
        name: str,
        shown: str,
        remember: float,
    ) -> None:
        self._database = database
        self._sql = statements
        self._words: dict[str, Any] = {"store": name, "nothing": b""}
        self._shown = shown
        self._remember = remember
        self._added = 0

    async def add(self, delivery: Delivery) -> bool:
        """Store a new delivery as pending; see `DeliveryStore`.

        Raises:
            ConfigurationError: The database belongs to another process, or cannot be used.
        """
        if self._added % _FORGET_EVERY == 0:
            await self._run("forget", [{"before": delivery.received_at - self._remember}])
        self._added += 1
        return bool(await self._run("add", [self._row("pending", delivery)]))

    async def pending(self) -> Sequence[str]:
        """Return the keys of all pending deliveries, in the order of arrival.

        Raises:
            ConfigurationError: The database belongs to another process, or cannot be used.
        """
        return [key for (key,) in await self._database.fetch(self._sql["pending"], self._words)]

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        return await self._database.do(lambda database: self._load(database, keys))

    async def save(self, delivery: Delivery) -> None:
        await self._run("save", [self._row("pending", delivery)])

    async def finish(self, keys: Sequence[str]) -> None:
        await self._run("finish", [{"key": key} for key in keys])

    async def bury(self, delivery: Delivery) -> None:
        row = {**self._words, **self._row("dead", delivery)}

        def bury(database: SQLConnection) -> None:
            for name in ("add", "save"):
                database.execute(self._sql[name], row)

        await self._database.do(bury)

    async def dead_letters(self) -> Sequence[Delivery]:
        rows = await self._database.fetch(self._sql["dead_letters"], self._words)
        return [delivery_of(row, self._shown) for row in rows]

    async def revive(self, key: str) -> Delivery | None:
        def revive(database: SQLConnection) -> Delivery | None:
            revived = database.execute(self._sql["revive"], {**self._words, "key": key}).rowcount == 1
            return self._load(database, [key])[0] if revived else None

        return await self._database.do(revive)

    async def aclose(self) -> None:
        await self._database.aclose()

    async def _run(self, name: str, rows: Sequence[Mapping[str, Any]]) -> int:
        return await self._database.run(self._sql[name], [{**self._words, **row} for row in rows])

    def _row(self, state: str, delivery: Delivery) -> dict[str, Any]:
        columns = dict(zip(_COLUMNS, row_of(delivery), strict=True))
        return {"state": state, "ticket": uuid.uuid4().hex, **columns}

    def _load(self, database: SQLConnection, keys: Sequence[str]) -> list[Delivery]:
        words = {**self._words, "keys": json.dumps(list(keys))}
        found = {row[0]: row for row in database.execute(self._sql["load"], words).fetchall()}
        return [delivery_of(found[key], self._shown) for key in keys if key in found]
