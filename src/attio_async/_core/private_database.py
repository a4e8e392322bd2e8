"""SQLite files that only their owner may read, and one process at a time may use."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from ..errors import ConfigurationError

__all__ = ["open_private"]


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
