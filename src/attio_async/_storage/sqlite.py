"""A SQLite database that many tasks use at once: one thread, and one transaction for all who wait."""

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ConfigurationError
from .batch import Batched, Work


def open_private(path: Path, schema: str, *, what: str, magic: int) -> sqlite3.Connection:
    """The database in a file, made with `schema` when it is new; nobody else can open it until it is closed.

    Args:
        path: The file.
        schema: Statements that make its tables.
        what: What such a file is called, for errors.
        magic: The number that marks files of this kind.

    Raises:
        ConfigurationError: The file is something else, belongs to another process, or cannot be made.
    """
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be made: {error.strerror}") from None
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        _prepare(database, schema, magic)
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            raise ConfigurationError(f"{path} is in use by another process; give each its own") from None
        raise ConfigurationError(f"{path} cannot be used: {error}") from None
    except sqlite3.DatabaseError:
        database.close()
        raise ConfigurationError(f"{path} is no {what}") from None
    return database


def _prepare(database: sqlite3.Connection, schema: str, magic: int) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("BEGIN EXCLUSIVE")
    (found,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != magic and (found or tables):
        raise sqlite3.DatabaseError("another application's")
    database.execute("COMMIT")
    if not found:
        # The mark comes in the same transaction as the tables: without it there are none.
        database.executescript(f"BEGIN EXCLUSIVE; {schema} PRAGMA application_id = {magic}; COMMIT;")


T = TypeVar("T")


class Database(Batched[sqlite3.Connection]):
    """A SQLite file, for its owner only, that belongs to one process at a time; opened when it is first used.

    Args:
        path: The file. None is a temporary database, which spills to disk, is never synced, and is used in place.
        tables: The statements that make its tables.
        purpose: What the file is, for messages.
        magic: The number that marks files for this purpose.
    """

    def __init__(self, path: str | os.PathLike[str] | None, tables: str, *, purpose: str, magic: int) -> None:
        super().__init__()
        self.path = None if path is None else Path(path)
        self._tables = tables
        self._purpose = purpose
        self._magic = magic
        self._connection: sqlite3.Connection | None = None
        self._guard = threading.Lock()

    async def do(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """What `action` returns, once it is durable. Whoever gets the turn does the work of all who wait.

        Raises:
            ConfigurationError: The file belongs to another process, or is none of these.
        """
        if self.path is not None:
            return await super().do(action)
        work = Work(action)
        self._transaction([work])
        return work.result

    async def run(self, statement: str, parameters: Sequence[tuple[Any, ...]]) -> int:
        """How many rows a statement changed, which was executed with each of these parameters."""
        # Not the cursor: as long as anybody has one, a file that is closed stays locked.
        return await self.do(lambda connection: connection.executemany(statement, parameters).rowcount)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again. What is temporary is gone."""
        if self.path is None:
            self._close()
        else:
            await super().aclose()

    def _close(self) -> None:
        with self._guard:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _transaction(self, batch: Sequence[Work[sqlite3.Connection, Any]]) -> None:
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

    def _opened(self) -> sqlite3.Connection:
        if self.path is None:
            connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = MEMORY")
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(self._tables)
            return connection
        return open_private(self.path, self._tables, what=self._purpose, magic=self._magic)
