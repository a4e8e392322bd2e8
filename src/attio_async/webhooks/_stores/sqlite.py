"""A store of deliveries in a SQLite file, which outlives the process."""

import os

from ..._storage.database import load_statements
from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._utils.public import public
from .base import REMEMBER_S
from .sql import SQLStore

_STATEMENTS = load_statements(__name__, "deliveries.sql", "sqlite.sql")
_FORMAT = SQLiteFormat(
    purpose="delivery store", application_id=0x41744465, tables=_STATEMENTS["tables"], version=1
)


@public
class SQLiteStore(SQLStore):
    """A store in a SQLite file, which survives crashes of the process and of the machine.

    Only the file's owner may read it. It holds bodies until they are handled, and belongs to one process at a time.
    Concurrent operations share a transaction.

    Args:
        path: The file. It is created when it is first used.
        remember: Seconds for which finished deliveries are remembered, to recognise repeated ones.
    """

    def __init__(self, path: str | os.PathLike[str], *, remember: float = REMEMBER_S) -> None:
        database = SQLiteDatabase(path, _FORMAT)
        super().__init__(
            database, _STATEMENTS, name="deliveries", shown=str(database.path), remember=remember
        )

    def __repr__(self) -> str:
        return f"SQLiteStore({self._shown!r})"
