"""The rows of a SQL query as the source of a sync: streamed from one snapshot, in a session that cannot write."""

import sqlite3
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Generator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from ..._storage.executor import SerialExecutor
from ..._utils.public import public
from ...errors import ConfigurationError

_ROWS_PER_READ = 1_000
_CONNECT_TIMEOUT_S = 10
_ENDINGS = {".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb", ".ddb": "duckdb"}
_READING_ACTIONS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
"""The actions of SQLite that a query may take."""

_Page = Sequence[Sequence[Any]]
_Pages = Generator[_Page]
"""The names of the columns as the only row of the first page, then the rows."""


@public
class SQLSource(AsyncIterable[dict[str, object]]):
    """The rows of a SQL query, as mappings from the names of its columns to values. An async iterable.

    Each iteration runs the query in a session of its own that cannot write, and streams the rows of one snapshot, so that
    memory does not grow with their number::

        source = SQLSource(os.environ["WAREHOUSE_URL"], "select domain as domains, plan from accounts")
        await attio.companies.sync_to(source, match="domains", owned=["plan"])

    Iterating raises a `ConfigurationError` if the database cannot be reached, the connection is lost, or the query is not
    valid or not one that only reads.

    Args:
        database: ``postgresql://...`` or another connection string of libpq, such as "service=warehouse" (extra
            `postgres`), and an empty text for what its environment variables say; ``sqlite:///`` or ``duckdb:///`` with a
            path, or the path of such a file with one of its usual endings (DuckDB needs the package `duckdb`). It is
            never shown.
        query: The query.

    Raises:
        ConfigurationError: The driver of the database is not installed, or the connection string is not valid.
    """

    def __init__(self, database: str, query: str) -> None:
        self._kind, self._open = _opener(database, query)

    def __repr__(self) -> str:
        return f"<SQLSource of {self._kind}>"

    def __aiter__(self) -> AsyncIterator[dict[str, object]]:
        return self._rows()

    async def _rows(self) -> AsyncGenerator[dict[str, object]]:
        executor, pages = SerialExecutor(), self._open()
        try:
            ((*names,),) = await executor.run(partial(next, pages))
            while page := await executor.run(partial(next, pages, ())):
                for row in page:
                    yield {name: _plain(value) for name, value in zip(names, row, strict=True)}
        finally:
            await executor.finish(pages.close)


def _opener(database: str, query: str) -> tuple[str, Callable[[], _Pages]]:
    kind, separator, path = database.partition(":///")
    if not separator:
        kind, path = _ENDINGS.get(Path(database).suffix.lower(), ""), database
    if "=" not in database and kind == "sqlite":
        return "SQLite", partial(_sqlite_pages, path, query)
    if "=" not in database and kind == "duckdb":
        return "DuckDB", partial(_duckdb_pages, path, query, _driver("duckdb", "duckdb"))
    driver = _driver("psycopg", "attio-async[postgres]")
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - an extra

    try:
        conninfo_to_dict(database)
    except driver.Error:  # its message may have the password
        raise ConfigurationError(
            "the source is not a valid connection string; give postgresql://, sqlite:///, duckdb:/// or the path of a database"
        ) from None
    return "PostgreSQL", partial(_postgres_pages, database, query, driver)


def _driver(module: str, package: str) -> Any:
    try:
        if module == "duckdb":
            import duckdb  # noqa: PLC0415 - an extra

            return duckdb
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(f'a source of this kind needs {module}: pip install "{package}"') from None
    return psycopg


@contextmanager
def _errors_of(kind: str, *errors: type[Exception]) -> Generator[None]:
    """Turn the errors of a driver into one of this package; their further lines may show the query's data."""
    try:
        yield
    except errors as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise ConfigurationError(f"the {kind} source cannot be read: {reason}") from None


def _first_page(columns: Sequence[Any] | None) -> _Page:
    if not columns:
        raise ConfigurationError("the query of the source returns no columns; give one that selects rows")
    names = [str(column[0]) for column in columns]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ConfigurationError(
            f"the query of the source has two columns {twice[0]!r}; name one of them otherwise"
        )
    return [names]


def _sqlite_pages(path: str, query: str) -> _Pages:
    def authorize(action: int, *_: object) -> int:
        return sqlite3.SQLITE_OK if action in _READING_ACTIONS else sqlite3.SQLITE_DENY

    with _errors_of("SQLite", sqlite3.Error, sqlite3.Warning, ValueError):
        address = f"{Path(path).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
            connection.set_authorizer(authorize)
            cursor = connection.execute(query)
            yield _first_page(cursor.description)
            while page := cursor.fetchmany(_ROWS_PER_READ):
                yield page


def _duckdb_pages(path: str, query: str, driver: Any) -> _Pages:
    with _errors_of("DuckDB", driver.Error):
        if not Path(path).is_file():
            raise ConfigurationError("the DuckDB source cannot be read: the file does not exist")
        with closing(driver.connect(path, read_only=True)) as connection:
            statements = connection.extract_statements(query)
            if len(statements) != 1 or statements[0].type != driver.StatementType.SELECT:
                raise ConfigurationError("the query of the source is not a single SELECT")
            connection.execute(statements[0])
            yield _first_page(connection.description)
            while page := connection.fetchmany(_ROWS_PER_READ):
                yield page


def _postgres_pages(conninfo: str, query: str, driver: Any) -> _Pages:
    with (
        _errors_of("PostgreSQL", driver.Error),
        closing(driver.connect(conninfo, connect_timeout=_CONNECT_TIMEOUT_S)) as connection,
    ):
        connection.read_only = True
        connection.isolation_level = driver.IsolationLevel.REPEATABLE_READ
        connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        # A cursor of the server streams, and takes only a query; with parameters, a single one.
        with connection.cursor(name="attio_async") as cursor:
            cursor.execute(query, ())
            yield _first_page(cursor.description)
            while page := cursor.fetchmany(_ROWS_PER_READ):
                yield page


def _plain(value: object) -> object:
    """Return a value in a form that attributes take."""
    if isinstance(value, UUID):
        return str(value)
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value
