"""The journal of a job in PostgreSQL, which several workers on several machines can share."""

import uuid
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..._storage.postgres import PostgresDatabase
from ..._utils.clock import Clock, SystemClock
from ...errors import ConfigurationError
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

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

_TABLES = """
CREATE TABLE IF NOT EXISTS attio_jobs (job text PRIMARY KEY, info bytea NOT NULL, total bigint);
CREATE TABLE IF NOT EXISTS attio_rows (
    job text NOT NULL,
    place bigint NOT NULL,
    state text NOT NULL,
    label bytea NOT NULL,
    digest bytea NOT NULL,
    payload bytea,
    plan bytea,
    begun_at double precision,
    status text,
    id text,
    failure bytea,
    worker text,
    ticket text,
    leased_until timestamptz,
    PRIMARY KEY (job, place)
);
CREATE INDEX IF NOT EXISTS attio_rows_pending ON attio_rows (job, place) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS attio_rows_leased ON attio_rows (job, leased_until) WHERE state IN ('claimed', 'begun');
CREATE INDEX IF NOT EXISTS attio_rows_aside ON attio_rows (job, state, place) WHERE state IN ('held', 'dead');
"""


def _sql(text: str) -> str:
    """The statement, with what several of them say filled in."""
    lease = "now() + %(lease)s * interval '1 second'"
    mine = "job = %(job)s AND place = %(place)s AND worker = %(worker)s"
    return text.replace("{lease}", lease).replace("{mine}", mine)


_CLAIM = _sql("""
WITH free AS (
    SELECT place FROM attio_rows WHERE job = %(job)s AND {free} ORDER BY place LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE attio_rows SET state = 'claimed', worker = %(worker)s, ticket = %(ticket)s, leased_until = {lease}
FROM free WHERE attio_rows.job = %(job)s AND attio_rows.place = free.place
""")
_ABANDONED = _CLAIM.replace("{free}", "state IN ('claimed', 'begun') AND leased_until < now()")
_PENDING = _CLAIM.replace("{free}", "state = 'pending'")
_TAKEN = "SELECT place, label, payload, begun_at FROM attio_rows WHERE job = %(job)s AND ticket = %(ticket)s ORDER BY place"
_ADD = (
    "INSERT INTO attio_rows (job, place, state, label, digest, payload, status, id, failure)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_BEGIN = _sql(
    "UPDATE attio_rows SET state = 'begun', begun_at = coalesce(begun_at, %(at)s), leased_until = {lease}"
    " WHERE {mine} AND state IN ('claimed', 'begun')"
)
_CLOSE = _sql(
    "UPDATE attio_rows SET state = %(state)s, status = %(status)s, id = %(id)s, failure = %(failure)s, plan = NULL,"
    " begun_at = NULL, leased_until = NULL, payload = CASE WHEN %(state)s = 'dead' THEN payload END"
    " WHERE {mine} AND state IN ('claimed', 'begun', %(state)s)"
)
_HOLD = _sql("UPDATE attio_rows SET state = 'held', plan = %(plan)s WHERE {mine} AND state = 'claimed'")
_RELEASE = _sql(
    "UPDATE attio_rows SET state = 'pending', begun_at = %(begun_at)s, worker = NULL, ticket = NULL"
    " WHERE {mine} AND state IN ('claimed', 'begun')"
)
_RENEW = _sql(
    "UPDATE attio_rows SET leased_until = {lease}"
    " WHERE job = %(job)s AND worker = %(worker)s AND state IN ('claimed', 'begun')"
)


class PostgresJournal:
    """Keeps a job in a PostgreSQL database, for as many workers as are started with the same `job`.

    No row is worked on by two of them. A worker that is gone loses its rows when their lease ends; what it had begun is then
    settled by whoever takes it over. Short failures of the database are waited out for half a minute. It holds
    what is to be written until it is written, and what failed until it is deleted: who may read its tables
    may read that. Needs the extra `postgres`. Used as a context manager, it is closed at the end.

    Args:
        conninfo: Where the database is, as libpq takes it: a URL, or words such as "dbname=jobs". Never shown.
        job: The name of the job, where the tables keep several.
        lease: Seconds after which the rows of a worker that is not heard of may be taken by others, from 1 up. Longer than
            a request and its repeats can take.
        clock: Where pauses come from; for tests.

    Raises:
        ConfigurationError: The lease is too short, or psycopg is not installed.
    """

    def __init__(
        self, conninfo: str, *, job: str = "job", lease: float = 120.0, clock: Clock | None = None
    ) -> None:
        if not lease >= 1:
            raise ConfigurationError(f"lease must be at least 1 second, not {lease!r}")
        self.lease: float | None = lease
        self._job = job
        self._worker = uuid.uuid4().hex
        self._database = PostgresDatabase(conninfo, _TABLES, clock=clock or SystemClock())

    def __repr__(self) -> str:
        return f"PostgresJournal(job={self._job!r}, lease={self.lease!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def open(self, info: JobInfo) -> JobState:
        """See `Journal`.

        Raises:
            ConfigurationError: The database cannot be used.
        """
        statement = "INSERT INTO attio_jobs (job, info) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        await self._run(statement, (self._job, encoded_info(info)))
        return await self.state()

    async def state(self) -> JobState:
        """See `Journal`."""
        return await self._database.do(self._state)

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        """See `Journal`."""
        query = "SELECT digest FROM attio_rows WHERE job = %s AND place >= %s ORDER BY place LIMIT %s"
        return [digest for (digest,) in await self._fetch(query, (self._job, start, limit))]

    async def add(self, tasks: Sequence[JournalRow]) -> None:
        """See `Journal`."""
        rows = [self._new(task) for task in tasks]

        def add(connection: "Connection") -> None:
            with connection.cursor() as cursor:
                cursor.executemany(_ADD, rows)

        await self._database.do(add)

    async def finish(self, total: int) -> None:
        """See `Journal`."""
        await self._run("UPDATE attio_jobs SET total = %s WHERE job = %s", (total, self._job))

    async def claim(self, limit: int) -> Sequence[Claim]:
        """See `Journal`."""
        # Should the answer to the first attempt be lost, a second one finds by the ticket what it took.
        ticket = uuid.uuid4().hex

        def claim(connection: "Connection") -> list[Claim]:
            words = self._words(ticket=ticket, limit=limit)
            taken = connection.execute(_TAKEN, words).fetchall()
            if not taken:
                words["limit"] -= connection.execute(_ABANDONED.encode(), words).rowcount
                if words["limit"]:
                    connection.execute(_PENDING.encode(), words)
                taken = connection.execute(_TAKEN, words).fetchall()
            return [claim_of(row) for row in taken]

        return await self._database.do(claim)

    async def begin(self, index: int, at: float) -> bool:
        """See `Journal`."""
        return await self._run(_BEGIN, self._words(place=index, at=at)) == 1

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        """See `Journal`."""
        statement = _CLOSE.encode()
        rows = [
            (closing.index, self._words(place=closing.index, **end_of(closing)._asdict()))
            for closing in closings
        ]

        def close(connection: "Connection") -> list[int]:
            return [index for index, words in rows if connection.execute(statement, words).rowcount == 1]

        return await self._database.do(close)

    async def hold(self, held: Sequence[Held]) -> None:
        """See `Journal`."""
        await self._run_many(_HOLD, [self._words(place=each.index, plan=each.plan) for each in held])

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `Journal`."""
        await self._run_many(
            _RELEASE, [self._words(place=claim.index, begun_at=claim.begun_at) for claim in claims]
        )

    async def renew(self) -> None:
        """See `Journal`."""
        await self._run(_RENEW, self._words())

    async def plans(self, after: int, limit: int) -> Sequence[tuple[Claim, bytes]]:
        """See `Journal`."""
        query = (
            "SELECT place, label, payload, begun_at, plan FROM attio_rows"
            " WHERE job = %s AND state = 'held' AND place > %s ORDER BY place LIMIT %s"
        )
        rows = await self._fetch(query, (self._job, after, limit))
        return [(claim_of(row[:4]), row[4]) for row in rows]

    async def approve(self) -> int:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'pending', plan = NULL, worker = NULL, ticket = NULL"
            " WHERE job = %s AND state = 'held'"
        )
        return await self._run(statement, (self._job,))

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        """See `Journal`."""
        query = (
            "SELECT place, label, payload, failure FROM attio_rows"
            " WHERE job = %s AND state = 'dead' AND place > %s ORDER BY place LIMIT %s"
        )
        rows = await self._fetch(query, (self._job, after, limit))
        return [dead_letter_of(row) for row in rows]

    async def revive(self) -> int:
        """See `Journal`."""
        statement = (
            "UPDATE attio_rows SET state = 'pending', status = NULL, id = NULL, failure = NULL, worker = NULL,"
            " ticket = NULL WHERE job = %s AND state = 'dead'"
            " AND convert_from(failure, 'UTF8')::json ->> 'kind' <> %s"
        )
        return await self._run(statement, (self._job, DUPLICATE))

    async def aclose(self) -> None:
        """Give back what was claimed and not begun, and close the connection; the next use opens it again.

        What was begun stays leased: a request may still be on its way, and nobody should look for what it did too early.
        """
        statement = (
            "UPDATE attio_rows SET state = 'pending', worker = NULL, ticket = NULL"
            " WHERE job = %(job)s AND worker = %(worker)s AND state = 'claimed'"
        )
        try:
            await self._run(statement, self._words())
        finally:
            await self._database.aclose()

    def _words(self, **more: Any) -> dict[str, Any]:
        return {"job": self._job, "worker": self._worker, "lease": self.lease, **more}

    async def _run(self, statement: str, words: Any) -> int:
        query = statement.encode()
        return await self._database.do(lambda connection: connection.execute(query, words).rowcount)

    async def _run_many(self, statement: str, rows: Sequence[dict[str, Any]]) -> None:
        def run(connection: "Connection") -> None:
            with connection.cursor() as cursor:
                cursor.executemany(statement.encode(), rows)

        await self._database.do(run)

    async def _fetch(self, query: str, words: Any) -> list[tuple[Any, ...]]:
        text = query.encode()
        return await self._database.do(lambda connection: connection.execute(text, words).fetchall())

    def _state(self, connection: "Connection") -> JobState:
        query = "SELECT info, total FROM attio_jobs WHERE job = %s"
        ((info, total),) = connection.execute(query, (self._job,)).fetchall()
        query = "SELECT state, status, count(*) FROM attio_rows WHERE job = %s GROUP BY state, status"
        return state_of(info, total, connection.execute(query, (self._job,)))

    def _new(self, task: JournalRow) -> tuple[Any, ...]:
        row = new_row(task)
        state, *ended = row.end
        return self._job, row.place, state, row.label, row.digest, row.payload, *ended
