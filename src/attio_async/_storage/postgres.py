"""A PostgreSQL database. Needs psycopg, the extra `postgres`."""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from .._utils.clock import Clock
from ..errors import ConfigurationError
from .database import SQLDatabase, load_statements

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")

_RETRY_PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Together long enough for a server to restart."""
_CONNECT_TIMEOUT_S = 10
_IDLE_TIMEOUT_S = 10.0
"""The server ends a transaction whose process was suspended that long, so that others do not wait for its locks."""
_TABLES_LOCK = 0x6174_7469_6F31
"""The advisory lock under which tables are created, since two workers may start at the same time."""


@attrs.frozen(kw_only=True)
class PostgresFormat:
    """The format of tables that belong together.

    Attributes:
        purpose: What the tables are called in messages, and in the table `attio_formats`.
        tables: The statements that create them.
        version: Their version; tables with another one are refused.
    """

    purpose: str
    tables: str
    version: int = 1


class PostgresDatabase(SQLDatabase["Connection"]):
    """A connection that is opened when it is first used, and again when it was lost.

    Args:
        conninfo: The connection string of libpq: a URL, or words such as "dbname=jobs". Never shown.
        formats: The tables, which are created where they are missing.
        clock: Waits between retries.

    Raises:
        ConfigurationError: psycopg is not installed.
    """

    def __init__(self, conninfo: str, *formats: PostgresFormat, clock: Clock) -> None:
        self._driver = _driver()
        super().__init__(self._driver.OperationalError)
        self._conninfo = conninfo
        self._formats = formats
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
            except (
                self._driver.ProgrammingError,
                self._driver.NotSupportedError,
                self._driver.DataError,  # such as a null character in a name
            ) as error:
                raise _unusable(error) from None
        raise AssertionError("the last attempt returns or raises")

    def _open(self) -> "Connection":
        connection: Connection = self._driver.connect(
            self._conninfo, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S
        )
        try:
            timeout = f"SET idle_in_transaction_session_timeout = {round(_IDLE_TIMEOUT_S * 1000)}"
            connection.execute(timeout.encode())
            if self._new_formats(connection):  # which a role that may create no tables can ask, too
                with connection.transaction():
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
                    self._create_tables(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _new_formats(self, connection: "Connection") -> Sequence[PostgresFormat]:
        """Return the formats whose tables are not there.

        Raises:
            ConfigurationError: Tables have another version.
        """
        versions: dict[str, int] = {}
        if connection.execute("SELECT 1 WHERE to_regclass('attio_formats') IS NOT NULL").fetchall():
            versions.update(connection.execute("SELECT name, version FROM attio_formats").fetchall())
        for format in self._formats:
            version = versions.get(format.purpose, format.version)
            if version != format.version:
                raise ConfigurationError(
                    f"the {format.purpose} tables of the PostgreSQL database have the format {version}, and this version of "
                    f"attio-async reads {format.version}; use the version that wrote them, or another database or schema"
                )
        return [format for format in self._formats if format.purpose not in versions]

    def _create_tables(self, connection: "Connection") -> None:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS attio_formats (name text PRIMARY KEY, version integer NOT NULL)"
        )
        for format in self._new_formats(connection):
            connection.execute(format.tables.encode())
            row = (format.purpose, format.version)
            connection.execute("INSERT INTO attio_formats VALUES (%s, %s)", row)

    @contextmanager
    def _transaction(self, connection: "Connection") -> Generator[None]:
        try:
            with connection.transaction():
                yield
        except self._driver.OperationalError:
            self._close()
            raise
        except (
            self._driver.InternalError
        ) as error:  # a session that was ended, or a server that became a standby
            self._close()
            raise self._driver.OperationalError(str(error)) from error


def load_postgres_statements(module: str, *files: str) -> Mapping[str, str]:
    """Return the statements of `.sql` files beside a module as psycopg takes them, see `load_statements`."""
    statements = load_statements(module, *files)
    return {name: re.sub(r":(\w+)", r"%(\1)s", statement) for name, statement in statements.items()}


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
