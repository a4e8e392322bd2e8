"""A PostgreSQL database. Needs psycopg, the extra `postgres`."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from .._utils.clock import Clock
from ..errors import ConfigurationError
from .database import SQLDatabase

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")

_RETRY_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Together long enough for a server to restart."""
_CONNECT_TIMEOUT_S = 10
_TABLES_LOCK = 0x6174_7469_6F31
"""The advisory lock under which tables are created, since two workers may start at the same time."""


class PostgresDatabase(SQLDatabase["Connection"]):
    """A connection that is opened when it is first used, and again when it was lost.

    Args:
        conninfo: The connection string of libpq: a URL, or words such as "dbname=jobs". Never shown.
        tables: The statements that create the tables that are missing.
        clock: Waits between retries.

    Raises:
        ConfigurationError: psycopg is not installed.
    """

    def __init__(self, conninfo: str, tables: str, *, clock: Clock) -> None:
        self._driver = _driver()
        super().__init__(self._driver.OperationalError)
        self._conninfo = conninfo
        self._tables = tables
        self._clock = clock

    async def do(self, action: "Callable[[Connection], T]") -> T:
        """Run `action` in the next transaction and return its result; retry when the connection was lost.

        A transaction whose answer was lost may have been committed, so an action has to be safe to run twice.

        Raises:
            ConfigurationError: The database cannot be reached or used.
        """
        for pause in (*_RETRY_PAUSES_S, None):
            try:
                return await super().do(action)
            except self._driver.OperationalError as error:
                if pause is None:
                    raise _unusable(error) from None
                await self._clock.sleep(pause)
            except (self._driver.ProgrammingError, self._driver.NotSupportedError) as error:
                raise _unusable(error) from None
        raise AssertionError("the last attempt returns or raises")

    def _open(self) -> "Connection":
        connection: Connection = self._driver.connect(
            self._conninfo, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S
        )
        try:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
                connection.execute(self._tables.encode())
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _transaction(self, connection: "Connection") -> Generator[None]:
        try:
            with connection.transaction():
                yield
        except self._driver.OperationalError:
            self._close()
            raise


def _unusable(error: Exception) -> ConfigurationError:
    reason = str(error).strip().partition("\n")[0] or type(error).__name__
    return ConfigurationError(f"the PostgreSQL database cannot be used: {reason}")


def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        message = 'a journal in PostgreSQL needs psycopg: pip install "attio-async[postgres]"'
        raise ConfigurationError(message) from None
    return psycopg
