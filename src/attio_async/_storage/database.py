"""A SQL database that many tasks use at once: one connection, and one transaction for all who wait."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import resources
from typing import Any, Generic, Protocol, TypeVar

from .executor import GroupCommit, SerialExecutor

T = TypeVar("T")


class SQLCursor(Protocol):
    """The result of a statement, in either driver."""

    @property
    def rowcount(self) -> int: ...
    def executemany(self, statement: Any, rows: Any, /) -> object: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> None: ...


class SQLConnection(Protocol):
    """A connection of either driver."""

    def cursor(self) -> SQLCursor: ...
    def execute(self, statement: Any, parameters: Any, /) -> SQLCursor: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=SQLConnection)

_of_parents: list[SQLConnection] = []


class _Failed:
    """The failure of one action, which the others in its transaction do not share."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


class SQLDatabase(ABC, Generic[C]):
    """A connection that is opened when it is first used, and used by one thread at a time.

    Args:
        outage: The driver's exception that has nothing to do with what was asked for, such as a full disk.
    """

    def __init__(self, outage: type[Exception]) -> None:
        self._connection: C | None = None
        self._process = 0  # that of the connection
        self._outage = outage
        self._executor = SerialExecutor()
        self._commits: GroupCommit[Callable[[C], Any]] = GroupCommit(self._commit, self._executor)

    async def do(self, action: Callable[[C], T]) -> T:
        """Run `action` in the next transaction and return its result once that is durable.

        An action may be called twice: what another one raises undoes the transaction, which is then repeated without it.
        """
        result: T | _Failed = await self._commits.submit(action)
        if isinstance(result, _Failed):
            raise result.error
        return result

    async def run(self, statement: str, rows: Sequence[Any]) -> int:
        """Execute a statement once for each row of parameters and return how many rows it changed."""
        return await self.do(lambda connection: run_many(connection, statement, rows))

    async def change(self, statement: str, parameters: Any) -> int:
        """Execute a statement and return how many rows it changed."""
        return await self.do(lambda connection: connection.execute(statement, parameters).rowcount)

    async def fetch(self, query: str, parameters: Any = ()) -> list[Any]:
        """Return the rows that a query finds."""
        return await self.do(lambda connection: connection.execute(query, parameters).fetchall())

    async def aclose(self) -> None:
        """Close the connection after the work in progress; the next use opens it again."""
        await self._executor.finish(self._close)

    @abstractmethod
    def _open(self) -> C: ...

    @abstractmethod
    def _transaction(self, connection: C) -> AbstractContextManager[object]: ...

    def _commit(self, actions: Sequence[Callable[[C], Any]]) -> list[Any]:
        try:
            return self._transact(actions)
        except self._outage:
            raise
        except Exception:  # rolled back; alone, each action fails or succeeds for itself
            if len(actions) == 1:
                raise
        return [self._commit_alone(action) for action in actions]

    def _commit_alone(self, action: Callable[[C], Any]) -> Any:
        try:
            return self._transact([action])[0]
        except Exception as error:  # noqa: BLE001 - raised in the task that asked for the action
            return _Failed(error)

    def _transact(self, actions: Sequence[Callable[[C], Any]]) -> list[Any]:
        connection = self._connected()
        with self._transaction(connection):
            return [action(connection) for action in actions]

    def _connected(self) -> C:
        self._leave_to_parent()
        if self._connection is None:
            self._connection = self._open()
            self._process = os.getpid()
        return self._connection

    def _close(self) -> None:
        self._leave_to_parent()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _leave_to_parent(self) -> None:
        """Let go of a connection that was open when this process was forked: its locks and its server know the parent."""
        if self._connection is not None and self._process != os.getpid():
            _of_parents.append(self._connection)  # it is neither used nor closed
            self._connection = None


def run_many(connection: SQLConnection, statement: str, rows: Sequence[Any]) -> int:
    """Execute a statement once for each row of parameters and return how many rows it changed."""
    cursor = connection.cursor()
    try:
        cursor.executemany(statement, rows)
        return cursor.rowcount
    finally:  # an error keeps it otherwise, and SQLite the file's lock until then
        cursor.close()


def load_statements(module: str, *files: str) -> Mapping[str, str]:
    """Return the statements of `.sql` files beside a module, by their names.

    A line ``-- name: claim`` begins the statement `claim`. ``{now}`` in a statement stands for the one named `now`. Other
    lines that begin with ``--`` are comments.
    """
    folder = resources.files(module.rpartition(".")[0])
    text = "".join(folder.joinpath(file).read_text("utf-8") for file in files)
    text = re.sub(r"^--(?! name: ).*\n", "", text, flags=re.MULTILINE)
    _, *parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    found = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    return {name: statement.format_map(found) for name, statement in found.items()}
