"""Which keys a job has seen, in memory that does not grow with their number."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from types import TracebackType
from typing import Any, Self

import msgspec

__all__ = ["SeenKeys"]


class SeenKeys:
    """Remembers each key with the label of the row that brought it.

    Kept in a temporary database of SQLite's own, which spills to disk and vanishes with the job.
    """

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, label TEXT) WITHOUT ROWID")
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def claim(self, values: Iterable[Any], label: object) -> str | None:
        """Take these key values for the row called `label`.

        Returns:
            None, or the label of the earlier row that has one of them; then none is taken.
        """
        keys = [
            blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=16).digest()
            for value in values
        ]
        for key in keys:
            earlier = self._database.execute("SELECT label FROM seen WHERE key = ?", (key,)).fetchone()
            if earlier is not None:
                return str(earlier[0])
        self._database.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", [(key, str(label)) for key in keys]
        )
        return None
