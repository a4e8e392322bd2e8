"""A PostgreSQL database that many tasks use at once. Needs psycopg, the extra `postgres`."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from .._utils.clock import Clock
from ..errors import ConfigurationError
from .batch import Batched, Work

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")

_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between attempts, long enough for a server that is started anew."""
_CONNECT_SECONDS = 10
_TABLES_LOCK = 0x6174_7469_6F31
"""Names the lock under which tables are made, since two may begin at once."""


class PostgresDatabase(Batched["Connection"]):
    """A connection that is opened when it is first used, and again when it was lost.

    Args:
        conninfo: Where the database is, as libpq takes it: a URL, or words such as "dbname=jobs". Never shown.
        tables: The statements that make its tables where they are not there.
        clock: Where pauses come from.

    Raises:
        ConfigurationError: psycopg is not installed.
    """

    def __init__(self, conninfo: str, tables: str, *, clock: Clock) -> None:
        super().__init__()
        self._conninfo = conninfo
        self._tables = tables
        self._clock = clock
        self._driver = _driver()
        self._connection: Connection | None = None

    async def do(self, action: "Callable[[Connection], T]") -> T:
        """What `action` returns, once it is durable; done again where the connection was lost meanwhile.

        So it may happen that it is done twice, and it must come to the same.

        Raises:
            ConfigurationError: The database cannot be reached, or is not to be used like this.
        """
        for pause in (*_PAUSES, None):
            try:
                return await super().do(action)
            except self._driver.OperationalError as error:
                if pause is None:
                    raise self._unusable(error) from None
                await self._clock.sleep(pause)
            except (self._driver.ProgrammingError, self._driver.NotSupportedError) as error:
                raise self._unusable(error) from None
        raise AssertionError("the last attempt returns or raises")

    def _transaction(self, batch: "Sequence[Work[Connection, Any]]") -> None:
        try:
            if self._connection is None:
                self._connection = self._opened()
            with self._connection.transaction():
                for work in batch:
                    work.run(self._connection)
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told, in its own task
            if isinstance(error, self._driver.OperationalError):
                self._close()
            for work in batch:
                work.fail(error)

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _opened(self) -> "Connection":
        connection: Connection = self._driver.connect(
            self._conninfo, autocommit=True, connect_timeout=_CONNECT_SECONDS
        )
        try:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
                connection.execute(self._tables.encode())
        except BaseException:
            connection.close()
            raise
        return connection

    def _unusable(self, error: Exception) -> ConfigurationError:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        return ConfigurationError(f"the PostgreSQL database cannot be used: {reason}")


def _driver() -> Any:
    try:
        return import_module("psycopg")
    except ImportError:
        message = 'a journal in PostgreSQL needs psycopg: pip install "attio-async[postgres]"'
        raise ConfigurationError(message) from None
