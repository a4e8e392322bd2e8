"""The journal of a job in a file."""

import os
import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from ..._storage.sqlite import Database
from .base import (
    DUPLICATE,
    Claim,
    Closing,
    DeadLetter,
    Held,
    JobInfo,
    JobState,
    JournalRow,
    claim_of,
    dead_letter_of,
    encoded_info,
    end_of,
    new_row,
    state_of,
)

_MAGIC = 0x41744A6F
_TABLES = """
CREATE TABLE attio_jobs (
    job TEXT PRIMARY KEY,
    info BLOB NOT NULL,
    total INTEGER
) WITHOUT ROWID;
CREATE TABLE attio_rows (
    job TEXT NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    label BLOB NOT NULL,
    digest BLOB NOT NULL,
    payload BLOB,
    plan BLOB,
    begun_at REAL,
    status TEXT,
    id TEXT,
    failure BLOB,
    PRIMARY KEY (job, place)
) WITHOUT ROWID;
CREATE INDEX attio_rows_by_state ON attio_rows (job, state, place) WHERE state <> 'done';
"""
_ADD = (
    "INSERT OR IGNORE INTO attio_rows (job, place, state, label, digest, payload, status, id, failure)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CLOSE = (
    "UPDATE attio_rows SET state = ?, status = ?, id = ?, failure = ?, plan = NULL, begun_at = NULL,"
    " payload = CASE WHEN ? THEN payload END"
    " WHERE job = ? AND place = ? AND state IN ('claimed', 'begun')"
)


class SQLiteJournal:
    """Keeps a job in a SQLite file, which survives crashes of the process and of the machine.

    The file is readable for this user only and belongs to one process at a time. It holds what is to be written until
    it is written, and what failed until it is deleted. What many rows have to put down at once is written and synced
    together. Used as a context manager, it is closed at the end.

    Args:
        path: The file. It is made when it is first used. None keeps the job in a temporary file for as long as the
            journal is open.
        job: The name of the job, where one file keeps several.
    """

    lease: float | None = None

    def __init__(self, path: str | os.PathLike[str] | None, *, job: str = "job") -> None:
        self._database = Database(path, _TABLES, purpose="journal of jobs", magic=_MAGIC)
        self._job = job

    def __repr__(self) -> str:
        return f"SQLiteJournal({str(self._database.path)!r}, job={self._job!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def open(self, info: JobInfo) -> JobState:
        """See `Journal`.

        Raises:
            ConfigurationError: The file belongs to another process, or is no journal.
        """
        encoded = encoded_info(info)

        def begin(database: sqlite3.Connection) -> JobState:
            database.execute(
                "INSERT OR IGNORE INTO attio_jobs (job, info) VALUES (?, ?)", (self._job, encoded)
            )
            statement = (
                "UPDATE attio_rows SET state = 'pending' WHERE job = ? AND state IN ('claimed', 'begun')"
            )
            database.execute(statement, (self._job,))
            return self._state(database)

        return await self._database.do(begin)

    async def state(self) -> JobState:
        """See `Journal`."""
        return await self._database.do(self._state)

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        """See `Journal`."""
        query = "SELECT digest FROM attio_rows WHERE job = ? AND place >= ? ORDER BY place LIMIT ?"
        return await self._database.do(
            lambda db: [d for (d,) in db.execute(query, (self._job, start, limit))]
        )

    async def add(self, tasks: Sequence[JournalRow]) -> None:
        """See `Journal`."""
        rows = [self._new(task) for task in tasks]
        await self._database.run(_ADD, rows)

    async def finish(self, total: int) -> None:
        """See `Journal`."""
        statement = "UPDATE attio_jobs SET total = ? WHERE job = ?"
        await self._database.run(statement, [(total, self._job)])

    async def claim(self, limit: int) -> Sequence[Claim]:
        """See `Journal`."""
        query = (
            "SELECT place, label, payload, begun_at FROM attio_rows WHERE job = ? AND state = 'pending'"
            " ORDER BY place LIMIT ?"
        )

        def claim(database: sqlite3.Connection) -> list[Claim]:
            claims = [claim_of(row) for row in database.execute(query, (self._job, limit))]
            self._move(database, [claim.index for claim in claims], "pending", "claimed")
            return claims

        return await self._database.do(claim)

    async def begin(self, index: int, at: float) -> bool:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'begun', begun_at = coalesce(begun_at, ?)"
            " WHERE job = ? AND place = ? AND state = 'claimed'"
        )
        return await self._database.do(lambda db: db.execute(statement, (at, self._job, index)).rowcount == 1)

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        """See `Journal`."""

        def close(database: sqlite3.Connection) -> list[int]:
            return [
                closing.index
                for closing in closings
                if database.execute(_CLOSE, self._closed(closing)).rowcount == 1
            ]

        return await self._database.do(close)

    async def hold(self, held: Sequence[Held]) -> None:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'held', plan = ? WHERE job = ? AND place = ? AND state = 'claimed'"
        )
        rows = [(each.plan, self._job, each.index) for each in held]
        await self._database.run(statement, rows)

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'pending', begun_at = ?"
            " WHERE job = ? AND place = ? AND state IN ('claimed', 'begun')"
        )
        rows = [(claim.begun_at, self._job, claim.index) for claim in claims]
        await self._database.run(statement, rows)

    async def renew(self) -> None:
        """See `Journal`; there is nothing to do."""

    async def plans(self, after: int, limit: int) -> Sequence[tuple[Claim, bytes]]:
        """See `Journal`."""
        query = (
            "SELECT place, label, payload, begun_at, plan FROM attio_rows"
            " WHERE job = ? AND state = 'held' AND place > ? ORDER BY place LIMIT ?"
        )
        rows = await self._database.do(lambda db: db.execute(query, (self._job, after, limit)).fetchall())
        return [(claim_of(row[:4]), row[4]) for row in rows]

    async def approve(self) -> int:
        """See `Journal`."""
        statement = "UPDATE attio_rows SET state = 'pending', plan = NULL WHERE job = ? AND state = 'held'"
        return await self._database.do(lambda db: db.execute(statement, (self._job,)).rowcount)

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        """See `Journal`."""
        query = (
            "SELECT place, label, payload, failure FROM attio_rows"
            " WHERE job = ? AND state = 'dead' AND place > ? ORDER BY place LIMIT ?"
        )
        rows = await self._database.do(lambda db: db.execute(query, (self._job, after, limit)).fetchall())
        return [dead_letter_of(row) for row in rows]

    async def revive(self) -> int:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'pending', status = NULL, id = NULL, failure = NULL"
            " WHERE job = ? AND state = 'dead' AND json_extract(CAST(failure AS TEXT), '$.kind') <> ?"
        )
        words = self._job, DUPLICATE
        return await self._database.do(lambda db: db.execute(statement, words).rowcount)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again. A journal without a path forgets the job."""
        await self._database.aclose()

    def _state(self, database: sqlite3.Connection) -> JobState:
        job = (self._job,)
        info, total = database.execute("SELECT info, total FROM attio_jobs WHERE job = ?", job).fetchone()
        query = "SELECT state, status, count(*) FROM attio_rows WHERE job = ? GROUP BY state, status"
        return state_of(info, total, database.execute(query, job))

    def _move(self, database: sqlite3.Connection, places: Sequence[int], source: str, to: str) -> None:
        statement = "UPDATE attio_rows SET state = ? WHERE job = ? AND place = ? AND state = ?"
        database.executemany(statement, [(to, self._job, place, source) for place in places])

    def _new(self, task: JournalRow) -> tuple[Any, ...]:
        row = new_row(task)
        state, *ended = row.end
        return self._job, row.place, state, row.label, row.digest, row.payload, *ended

    def _closed(self, closing: Closing) -> tuple[Any, ...]:
        end = end_of(closing)
        return *end, end.state == "dead", self._job, closing.index
