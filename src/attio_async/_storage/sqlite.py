"""SQLite files that only their owner can read, and temporary databases."""

import errno
import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ..errors import ConfigurationError, StorageError
from .database import SQLDatabase
from .files import make_private, reason_of, shown_path

T = TypeVar("T")


_BUSY_TIMEOUT_S = 10
"""Seconds to wait for another process that writes to a shared file."""
_DISK_ERRORS = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}
_EXCLUSIVE = ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL")
_SHARED = (f"busy_timeout = {_BUSY_TIMEOUT_S * 1000}", "secure_delete = ON", "synchronous = FULL")


@attrs.frozen(kw_only=True)
class SQLiteFormat:
    """The format of a file.

    Attributes:
        purpose: What such a file is called in messages.
        application_id: The number that marks files of this kind.
        tables: The statements that create its tables.
        version: The version of the tables; a file with another one is refused.
        is_shared: Whether several processes may use the file at once. What is deleted from a shared file is overwritten.
    """

    purpose: str
    application_id: int
    tables: str
    version: int = 0
    is_shared: bool = False


_TEMPORARY = SQLiteFormat(purpose="temporary database", application_id=0, tables="")

_SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)  # the latter from messages about damaged files


def open_file(path: Path, format: SQLiteFormat) -> sqlite3.Connection:
    """Open a file for its owner only (mode 0600), and create it if it is not there.

    Raises:
        ConfigurationError: The file holds something else, belongs to another process, or cannot be created.
        StorageError: The disk is full.
    """
    try:
        # SQLite creates what a dangling link points to as others may read it.
        target = Path(os.path.realpath(path))
        is_new = _create(target)
        is_ordinary = target.is_file()
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{shown_path(path)} cannot be created: {reason_of(error)}") from None
    if not is_ordinary:
        raise ConfigurationError(f"{path} is not an ordinary file")
    connection = sqlite3.connect(target, isolation_level=None, check_same_thread=False, timeout=0)
    try:
        with sqlite_errors(path, format):
            _prepare(connection, target, format)
    except BaseException:
        connection.close()
        if is_new:  # such as on a full disk; without its tables it is of no use
            for part in _parts(target):
                part.unlink(missing_ok=True)
        raise
    return connection


def _create(path: Path) -> bool:
    """Create a file for its owner only, and return True if it was not there."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _parts(path: Path) -> list[Path]:
    """Return the file, and those that SQLite keeps beside it."""
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]


class _Temporary(sqlite3.Connection):
    """A connection to a database of SQLite's own, whose errors are those of this package."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*arguments)
        except _SQLITE_ERRORS as error:
            raise _package_error(None, _TEMPORARY, error) from error

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        try:
            return super().executemany(*arguments)
        except _SQLITE_ERRORS as error:
            raise _package_error(None, _TEMPORARY, error) from error

    def executescript(self, *arguments: Any) -> sqlite3.Cursor:
        try:
            return super().executescript(*arguments)
        except _SQLITE_ERRORS as error:
            raise _package_error(None, _TEMPORARY, error) from error


def open_temporary(tables: str, factory: type[sqlite3.Connection] = _Temporary) -> sqlite3.Connection:
    """Open a database of SQLite's own, which spills to disk and is gone when it is closed."""
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False, factory=factory)
    connection.execute("PRAGMA journal_mode = MEMORY")
    connection.execute("PRAGMA synchronous = OFF")
    connection.executescript(tables)
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, format: SQLiteFormat) -> None:
    first, *others = _SHARED if format.is_shared else _EXCLUSIVE
    connection.execute(f"PRAGMA {first}")
    connection.execute("BEGIN")  # another process may create the tables between the two reads of the check
    _check(connection, format)
    connection.execute("COMMIT")
    _make_private(path)  # before anything is written, and SQLite gives its own files the mode of this one
    for pragma in others:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN EXCLUSIVE")
    if not _check(connection, format):
        # The mark is committed together with the tables: without it there are none.
        for statement in format.tables.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {format.application_id}")
        connection.execute(f"PRAGMA user_version = {format.version}")
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, format: SQLiteFormat) -> bool:
    """Return True if the file has the tables, False if it has none at all."""
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != format.application_id and (found or tables):
        raise sqlite3.DatabaseError("the file belongs to another application")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if found and version != format.version:
        raise ConfigurationError(
            f"this {format.purpose} has the format {version}, and this version of attio-async reads {format.version}; "
            "use the version that wrote it, or a new file"
        )
    return bool(found)


def _make_private(path: Path) -> None:
    for part in _parts(path):
        try:
            make_private(part)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigurationError(
                f"others can read {part}, and this cannot be changed: {error.strerror}"
            ) from None


@contextmanager
def sqlite_errors(path: Path | None, format: SQLiteFormat) -> Generator[None]:
    """Turn errors of SQLite into those of this package.

    Raises:
        ConfigurationError: The file holds something else, is damaged, or belongs to another process.
        StorageError: The disk is full, or cannot be written or read.
    """
    try:
        yield
    except _SQLITE_ERRORS as error:
        raise _package_error(path, format, error) from error


def _package_error(
    path: Path | None, format: SQLiteFormat, error: Exception
) -> ConfigurationError | StorageError:
    text = str(error)
    number = _DISK_ERRORS.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF)
    if number is not None:
        return StorageError(str(path or "the temporary database"), number)
    if type(error) in {sqlite3.DatabaseError, UnicodeDecodeError}:
        return ConfigurationError(
            f"{path} is not a valid {format.purpose} ({text}); give the path of one, or of a new file"
        )
    if "locked" in text and not format.is_shared:
        return ConfigurationError(f"{path} is in use by another process; give each process a file of its own")
    return ConfigurationError(f"{path or 'the temporary database'} cannot be used: {text}")


class SQLiteDatabase(SQLDatabase[sqlite3.Connection]):
    """A SQLite file that is opened when it is first used.

    Args:
        path: The file. None is a temporary database, which is used in the caller's thread and never synced.
        format: The format of the file.
    """

    def __init__(self, path: str | os.PathLike[str] | None, format: SQLiteFormat) -> None:
        super().__init__(sqlite3.OperationalError)
        self.path = None if path is None else Path(path)
        self._format = format

    async def do(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Run `action` in the next transaction and return its result once that is durable.

        Raises:
            ConfigurationError: The file holds something else, belongs to another process, or cannot be used.
        """
        try:
            return await super().do(action) if self.path else self._transact([action])[0]
        except _SQLITE_ERRORS as error:
            raise _package_error(self.path, self._format, error) from error

    async def change(self, statement: str, parameters: Any) -> int:
        """Execute a statement and return how many rows it changed."""
        if self.path is not None:
            return await super().change(statement, parameters)
        try:  # a statement alone is a transaction, and those around it take half as long again
            return self._connected().execute(statement, parameters).rowcount
        except _SQLITE_ERRORS as error:
            raise _package_error(None, self._format, error) from error

    async def aclose(self) -> None:
        """Close the connection after the work in progress; the next use opens it again."""
        if self.path is None:
            self._close()
        else:
            await super().aclose()

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            return open_file(self.path, self._format)
        return open_temporary(self._format.tables, sqlite3.Connection)  # `do` reports its errors

    def _transaction(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        connection.execute("BEGIN IMMEDIATE")
        return connection  # as a context manager, it commits or rolls back
