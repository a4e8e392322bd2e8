"""A store of deliveries in PostgreSQL. Needs the extra `postgres`."""

from ..._storage.postgres import PostgresDatabase, PostgresFormat, load_postgres_statements
from ..._utils.clock import SystemClock
from ..._utils.public import public
from .base import REMEMBER_S
from .sql import SQLStore

_STATEMENTS = load_postgres_statements(__name__, "deliveries.sql", "postgres.sql")
_FORMAT = PostgresFormat(purpose="delivery store", tables=_STATEMENTS["tables"])


@public
class PostgresStore(SQLStore):
    """A store in a PostgreSQL database, which several stores can share.

    Needs the extra `postgres`. The database holds bodies until they are handled. Failures of the database are retried for half
    a minute; then a delivery is refused, and Attio sends it again.

    Args:
        conninfo: The connection string of libpq: a URL, or words such as "dbname=hooks". Never shown.
        name: The name of the store; one receiver at a time uses it.
        remember: Seconds for which finished deliveries are remembered, to recognise repeated ones.

    Raises:
        ConfigurationError: psycopg is not installed.
    """

    def __init__(self, conninfo: str, *, name: str, remember: float = REMEMBER_S) -> None:
        database = PostgresDatabase(conninfo, _FORMAT, clock=SystemClock())
        shown = f"the delivery store {name!r}"
        super().__init__(database, _STATEMENTS, name=name, shown=shown, remember=remember)
        self._name = name

    def __repr__(self) -> str:
        return f"PostgresStore(name={self._name!r})"
