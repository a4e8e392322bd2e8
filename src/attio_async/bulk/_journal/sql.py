"""The journal of a job in a SQL database. How SQLite and PostgreSQL differ is in their `.sql` files."""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import anyio.abc
import attrs
import msgspec

from ..._storage.database import SQLConnection, SQLDatabase, run_many
from ..._storage.stored import reading_stored, storable
from ...errors import JobSuperseded
from .protocol import Claim, Closing, DeadLetter, Failure, HeldRow, JobInfo, JobState, JournalRow, RowStatus

_OPEN_STATES = ("pending", "claimed", "begun")
_NO_FAILURE = {"kind": None, "reason": None, "attribute": None}


class EpochFence:
    """The epoch of a run of a job, which keeps the workers of superseded runs from changing anything.

    Args:
        statements: The statements of the database by name.
        job: The name of the job.
        epoch: The epoch; None where the job belongs to one process.
    """

    def __init__(self, statements: Mapping[str, str], job: str, epoch: int | None = None) -> None:
        self.job = job
        self.epoch = epoch
        self._sql = statements

    @property
    def words(self) -> dict[str, Any]:
        """The parameters of statements about the job."""
        return {"job": self.job, "epoch": self.epoch, "nothing": b""}

    def enter(self, database: SQLConnection) -> None:
        """Supersede runs with a lower epoch, within a transaction.

        Raises:
            JobSuperseded: There is one with a higher epoch.
        """
        if self.epoch is not None and database.execute(self._sql["supersede"], self.words).rowcount:
            database.execute(self._sql["release_superseded"], self.words)
        self.check(database)

    def check(self, database: SQLConnection) -> None:
        """Check that no worker has opened the job with a higher epoch, and keep it so until the transaction ends.

        Raises:
            JobSuperseded: One has.
        """
        if self.epoch is None:
            return
        ((current,),) = database.execute(self._sql["epoch"], self.words).fetchall() or ((None,),)
        if current != self.epoch:
            raise JobSuperseded(self.job, epoch=self.epoch, current=current)

    def discard(self, database: SQLConnection) -> None:
        """Delete the rows of the job, within a transaction."""
        self.check(database)
        for name in ("discard_rows", "discard"):
            database.execute(self._sql[name], self.words)


class SQLJournal(anyio.abc.AsyncResource):
    """A `Journal` in a SQL database: what SQLite and PostgreSQL do alike.

    Args:
        database: The database.
        statements: Its statements by name.
        fence: The job, and the epoch of this run of it.
        lease: See `Journal`.
    """

    def __init__(
        self,
        database: SQLDatabase[Any],
        statements: Mapping[str, str],
        fence: EpochFence,
        *,
        lease: float | None,
    ) -> None:
        self.lease = lease
        self._database = database
        self._sql = statements
        self._fence = fence
        self._worker = uuid.uuid4().hex

    @property
    def _words(self) -> dict[str, Any]:
        return {**self._fence.words, "worker": self._worker, "lease": self.lease}

    async def open(self, info: JobInfo) -> JobState:
        """See `Journal`.

        Raises:
            ConfigurationError: The database cannot be used, belongs to another process, or is not a journal.
            JobSuperseded: The job was opened with a higher epoch.
        """
        before = self._words
        # A new worker each time: it would renew the leases of rows that a cancelled run of the same object left begun.
        self._worker = uuid.uuid4().hex
        start = {**self._words, "info": msgspec.json.encode(info)}

        def open(database: SQLConnection) -> JobState:
            database.execute(self._sql["start"], start)
            self._fence.enter(database)
            if self.lease is None:
                database.execute(self._sql["release_all"], self._words)
            else:
                database.execute(self._sql["release_claimed"], before)
            return self._state(database)

        return await self._database.do(open)

    async def state(self) -> JobState:
        """See `Journal`."""
        return await self._database.do(self._state)

    async def digests(self, start: int, limit: int) -> Sequence[bytes]:
        """See `Journal`."""
        return [digest for (digest,) in await self._fetch("digests", start=start, limit=limit)]

    async def add(self, rows: Sequence[JournalRow]) -> None:
        """See `Journal`."""
        pending = [self._added(row) for row in rows if row.closing is None]
        closed = [{**self._added(row), **_end(row.closing)} for row in rows if row.closing is not None]

        def add(database: SQLConnection) -> None:
            self._fence.check(database)
            for name, words in (("add", pending), ("add_closed", closed)):
                if words:
                    run_many(database, self._sql[name], words)

        await self._database.do(add)

    def _added(self, row: JournalRow) -> dict[str, Any]:
        return {
            **self._words,
            "place": row.index,
            "label": msgspec.json.encode(row.label),
            "digest": row.digest,
            "payload": row.payload,
        }

    async def finish(self, total: int) -> None:
        """See `Journal`."""
        await self._run("finish", total=total)

    async def claim(self, limit: int) -> Sequence[Claim]:
        """See `Journal`."""
        # When the answer is lost and the claim is retried, the ticket tells what was claimed already.
        words = {**self._words, "ticket": uuid.uuid4().hex}

        def claim(database: SQLConnection) -> list[Any]:
            self._fence.check(database)
            claimed = database.execute(self._sql["claimed"], words).fetchall()
            if claimed:
                return claimed
            left = limit
            if self.lease is not None:
                left -= database.execute(self._sql["claim_expired"], {**words, "limit": left}).rowcount
            if left:
                database.execute(self._sql["claim_pending"], {**words, "limit": left})
            return database.execute(self._sql["claimed"], words).fetchall()

        rows = await self._database.do(claim)
        with reading_stored(self):
            return [_claim(*row) for row in rows]

    async def begin(self, index: int, at: float) -> bool:
        """See `Journal`."""
        words = {**self._words, "place": index, "at": at}
        is_ours = await self._database.change(self._sql["begin"], words) == 1
        if not is_ours:
            await self._database.do(self._fence.check)
        return is_ours

    async def close(self, closings: Sequence[Closing]) -> Sequence[int]:
        """See `Journal`."""
        changes = [(closing.index, *self._closing(closing)) for closing in closings]
        if len(changes) == 1:
            index, statement, words = changes[0]
            if await self._database.change(statement, words) == 1:
                return [index]

        def close(database: SQLConnection) -> list[int]:
            closed = [index for index, sql, words in changes if database.execute(sql, words).rowcount == 1]
            if len(closed) < len(changes):
                self._fence.check(database)
            return closed

        return await self._database.do(close)

    def _closing(self, closing: Closing) -> tuple[str, dict[str, Any]]:
        """Return the statement that closes a row, and its words."""
        words = {**self._words, "place": closing.index, "status": closing.status, "id": closing.id}
        if closing.failure is None:
            return self._sql["close"], words
        return self._sql["bury"], {**words, **_failure(closing.failure)}

    async def hold(self, rows: Sequence[HeldRow]) -> None:
        """See `Journal`."""
        await self._run_many("hold", ({"place": row.index, "plan": row.plan} for row in rows))

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `Journal`."""
        rows = ({"place": claim.index, "begun_at": claim.begun_at} for claim in claims)
        await self._run_many("release", rows)

    async def renew(self) -> None:
        """See `Journal`."""
        if self.lease is None:
            return

        def renew(database: SQLConnection) -> None:
            self._fence.check(database)
            for name in ("renew", "touch"):
                database.execute(self._sql[name], self._words)

        await self._database.do(renew)

    async def held(self, after: int, limit: int) -> Sequence[HeldRow]:
        """See `Journal`."""
        rows = await self._fetch("held", after=after, limit=limit)
        with reading_stored(self):
            return [
                HeldRow(index=place, label=msgspec.json.decode(label), plan=plan)
                for place, label, plan in rows
            ]

    async def approve(self) -> int:
        """See `Journal`."""
        return await self._run("approve")

    async def dead_letters(self, after: int = -1, limit: int = 100) -> Sequence[DeadLetter]:
        """See `Journal`."""
        rows = await self._fetch("dead_letters", after=after, limit=limit)
        with reading_stored(self):
            return [_dead_letter(*row) for row in rows]

    async def revive(self) -> int:
        """See `Journal`."""
        return await self._run("revive", duplicate="DuplicateKey")

    async def discard(self) -> None:
        """Delete the rows of the job, when nobody resumes it or looks at its dead letters any more.

        Opened again, the job begins anew.

        Raises:
            JobSuperseded: The job was opened with a higher epoch.
        """
        await self._database.do(self._fence.discard)

    async def aclose(self) -> None:
        """Release the rows that were claimed and not begun, and close the connection; the next use opens it again.

        A row that was begun stays leased: its request may still be in flight, so it is too early to read it back.
        """
        try:
            if self.lease is not None:
                await self._database.run(self._sql["release_claimed"], [self._words])
        finally:
            await self._database.aclose()

    async def _run(self, name: str, **words: Any) -> int:
        return await self._run_many(name, [words])

    async def _run_many(self, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        given = [{**self._words, **row} for row in rows]

        def run(database: SQLConnection) -> int:
            self._fence.check(database)
            return run_many(database, self._sql[name], given)

        return await self._database.do(run)

    async def _fetch(self, name: str, **words: Any) -> list[Any]:
        return await self._database.fetch(self._sql[name], {**self._words, **words})

    def _state(self, database: SQLConnection) -> JobState:
        ((info, total),) = database.execute(self._sql["info"], self._words).fetchall()
        states: Counter[str] = Counter()
        counts: Counter[RowStatus] = Counter()
        for state, status, count in database.execute(self._sql["counts"], self._words).fetchall():
            states[state] += count
            if status is not None:
                counts[status] += count
        with reading_stored(self):
            return JobState(
                info=msgspec.json.decode(info, type=JobInfo),
                rows=states.total(),
                total=total,
                counts=dict(counts),
                open=sum(states[state] for state in _OPEN_STATES),
                held=states["held"],
            )


def _end(closing: Closing) -> dict[str, Any]:
    """Return the columns that say how a row ended. Its payload is only kept in the state "dead"."""
    columns: dict[str, Any] = {"status": closing.status, "id": closing.id}
    if closing.failure is not None:
        return {**columns, "state": "dead", **_failure(closing.failure)}
    return {**columns, "state": "done", "payload": None, **_NO_FAILURE}


def _failure(failure: Failure) -> dict[str, Any]:
    return {**attrs.asdict(failure), "reason": storable(failure.reason)}


def _claim(place: int, label: bytes, payload: bytes, begun_at: float | None) -> Claim:
    return Claim(index=place, label=msgspec.json.decode(label), payload=payload, begun_at=begun_at)


def _dead_letter(place: int, label: bytes, payload: bytes, *failure: str) -> DeadLetter:
    kind, reason, attribute = failure
    return DeadLetter(
        index=place,
        label=msgspec.json.decode(label),
        payload=payload,
        failure=Failure(kind=kind, reason=reason, attribute=attribute),
    )
