"""A SQLite database that many tasks use at once: one thread, and one transaction for all who wait."""

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread

from ..errors import ConfigurationError

__all__ = ["Database"]

T = TypeVar("T")


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


class Database:
    """A SQLite file, for its owner only, that belongs to one process at a time; opened when it is first used.

    Args:
        path: The file. None is a temporary database, which spills to disk, is never synced, and is used in place.
        tables: The statements that make its tables where they are not there.
        purpose: What the file is, for messages.
    """

    def __init__(self, path: str | os.PathLike[str] | None, tables: str, *, purpose: str) -> None:
        self.path = None if path is None else Path(path)
        self._tables = tables
        self._purpose = purpose
        self._waiting: list[_Work[Any]] = []
        self._turn = anyio.Lock()
        self._one_thread = anyio.CapacityLimiter(1)
        self._connection: sqlite3.Connection | None = None
        self._guard = threading.Lock()

    async def do(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """What `action` returns, once it is durable. Whoever gets the turn does the work of all who wait.

        Raises:
            ConfigurationError: The file belongs to another process, or is none of these.
        """
        work = _Work(action)
        if self.path is None:
            self._transaction([work])
            return work.result
        self._waiting.append(work)
        async with self._turn:
            if not work.is_done:
                batch, self._waiting = self._waiting, []
                await anyio.to_thread.run_sync(self._transaction, batch, limiter=self._one_thread)
        return work.result

    async def aclose(self) -> None:
        """Close the file; the next use opens it again. What is temporary is gone."""
        if self.path is None:
            self._close()
            return
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await anyio.to_thread.run_sync(self._close, limiter=self._one_thread)

    def _close(self) -> None:
        with self._guard:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _transaction(self, batch: Sequence[_Work[Any]]) -> None:
        with self._guard:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                with self._connection as connection:
                    connection.execute("BEGIN IMMEDIATE")
                    for work in batch:
                        work.run(connection)
            except Exception as error:  # noqa: BLE001 - whoever waits for it is told, in its own task
                for work in batch:
                    work.fail(error)
            for work in batch:
                work.is_done = True

    def _opened(self) -> sqlite3.Connection:
        if self.path is None:
            connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(self._tables)
            return connection
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(self._tables)
        except sqlite3.DatabaseError as error:
            connection.close()
            if "locked" in str(error):
                message = f"{self.path} is in use by another process; give each its own file"
                raise ConfigurationError(message) from None
            raise ConfigurationError(f"{self.path} is no {self._purpose}: {error}") from None
        return connection
