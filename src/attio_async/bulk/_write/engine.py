"""The engine of a job: rows are added to the journal, decided in chunks, written concurrently, and closed."""

import math
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from typing import Literal

import anyio
import attrs
from anyio.lowlevel import checkpoint

from ..._limits.limiter import TokenLimits
from ..._utils.concurrency import TaskBlock, task_group
from ...errors import AttioError, AuthenticationFailed, PermissionDenied
from .._journal.protocol import Claim, Closing, HeldRow, JobState, Journal
from .decisions import End
from .operations import RowOperation
from .options import FailureRule
from .payload import to_failure
from .plan import MissingReference
from .reader import PreparedRow, feed, take_ready
from .remote_state import RemoteState
from .report import Outcome, OutcomeQueue, server_time
from .writer import DecidedRow, RowWriter, decide_rows

_MIN_WORKERS = 4
_INITIAL_WORKERS = 8
_ROWS_PER_ADJUSTMENT = 20
_LATENCY_MARGIN = 1.5
"""A multiple of what the rate needs at the mean latency, since some responses take longer than others."""


_NO_RULE = FailureRule(math.inf, "")


class Concurrency:
    """Chooses how many rows are in flight, so that the rate limit and not the latency decides the speed of a job.

    By Little's law that is the rate times the latency, without the time spent waiting for a permit.

    Args:
        limits: The limits whose write rate is to be used up.
        limit: The highest number; less than the connections, so that other requests find one free.
        fixed: The number, where the caller gives it.

    Attributes:
        workers: The number now.
    """

    def __init__(self, limits: TokenLimits, *, limit: int, fixed: int | None) -> None:
        self.workers = fixed or min(limit, _INITIAL_WORKERS)
        self._limits = limits
        self._limit = limit
        self._is_fixed = fixed is not None
        self._rows = 0
        self._seconds = 0.0
        self._before = limits.stats().writes

    def observe(self, seconds: float) -> None:
        """Learn from a row that was in flight that long, waiting for its permit included."""
        self._rows += 1
        self._seconds += seconds
        if self._is_fixed or self._rows < _ROWS_PER_ADJUSTMENT:
            return
        now = self._limits.stats().writes
        sent = max(1, now.requests - self._before.requests)
        waited = (now.waited - self._before.waited) / sent
        latency = max(0.0, self._seconds / self._rows - waited)
        needed = math.ceil(now.rate * latency * _LATENCY_MARGIN) + _MIN_WORKERS
        self.workers = max(_MIN_WORKERS, min(self._limit, needed))
        self._rows, self._seconds, self._before = 0, 0.0, now


Phase = Literal["write", "plan"]

_READERS = 4
"""Chunks that are decided at the same time: enough to find 10,000 rows unchanged in a few seconds."""
_POLL_INTERVAL_S = 1.0
"""The pause before a worker asks a shared journal again for rows that others add."""
_TOKEN_REFUSED = (AuthenticationFailed, PermissionDenied)
"""Errors that every further row would meet too."""


@attrs.define
class _Signal:
    """Wakes every task that waits for the event, again and again."""

    event: anyio.Event = attrs.field(factory=anyio.Event)

    def notify(self) -> None:
        self.event.set()
        self.event = anyio.Event()


class _Backlog:
    """The decided rows that wait to be written, in their order: a chunk is added once the one before was taken."""

    def __init__(self) -> None:
        self._rows: deque[DecidedRow] = deque()
        self._added = _Signal()
        self._emptied = _Signal()
        self._is_closed = False

    async def put(self, rows: Sequence[DecidedRow]) -> None:
        """Add a chunk."""
        while self._rows:
            await self._emptied.event.wait()
        self._rows.extend(rows)
        self._added.notify()

    async def take(self) -> DecidedRow | None:
        """Remove the first row and return it; None once there will be none. Waits for nothing but a row."""
        while not self._rows:
            if self._is_closed:
                return None
            await self._added.event.wait()
        row = self._rows.popleft()
        if not self._rows:
            self._emptied.notify()
        return row

    def close(self) -> None:
        """Let those that wait for rows go: there will be no further chunk."""
        self._is_closed = True
        self._added.notify()


class BulkEngine:
    """One pass over the rows of a job.

    Args:
        operation: The operation of the job.
        journal: The open journal.
        state: The progress of the job when this pass begins.
        remote: Reads what exists.
        concurrency: Chooses how many rows are in flight.
        deliver: Takes each outcome, when it is durable.
        settle: Awaits what `deliver` started.
        failures: The number of rows that may fail, and the rule that says so.
        phase: "plan" holds the rows that would be written, instead of writing them.

    Attributes:
        stop_reason: Why no further row is written; None if nothing stops the job.
        in_flight: Rows that were begun and have not ended, so that they may or may not be written.
    """

    def __init__(
        self,
        *,
        operation: RowOperation,
        journal: Journal,
        state: JobState,
        remote: RemoteState,
        concurrency: Concurrency,
        deliver: Callable[[Outcome], None],
        settle: Callable[[], Awaitable[None]],
        failures: FailureRule = _NO_RULE,
        phase: Phase = "write",
    ) -> None:
        self.stop_reason: AttioError | str | None = None
        self.in_flight = 0
        self._operation = operation
        self._journal = journal
        self._old = state.open
        self._known = state.rows
        self._remote = remote
        self._concurrency = concurrency
        self._phase: Phase = phase
        self._failures = failures
        self._failed = 0
        self._clock = operation.target.session.pipeline.clock
        self._writer = RowWriter(operation, remote, started_at=state.info.started_at)
        reads = operation.reads or remote.creates_references or phase == "plan"
        self._chunk_size = operation.chunk_size if reads else max(4, concurrency.workers)
        self._readers = _READERS if reads else 1
        self._is_shared = journal.lease is not None
        self._outcomes = OutcomeQueue(deliver, room=8 * self._chunk_size, in_order=not self._is_shared)
        self._settle = settle
        self._labels: dict[int, object] = {}
        self._added = _Signal()
        self._input_checked = anyio.Event()
        self._old_claimed = anyio.Event()
        self._chunk_sent = anyio.Event()
        self._chunk_sent.set()
        self._input_ended = False
        self._is_finished = False
        self._claiming = anyio.Lock()
        self._backlog = _Backlog()
        self._workers = 0

    @property
    def missing_references(self) -> list[MissingReference]:
        """The records that rows refer to and that did not exist when the rows were read."""
        return [
            MissingReference(each.object, each.attribute, each.value, rows, self._remote.may_be_created(each))
            for each, rows in self._remote.missing.items()
        ]

    def stop(self, reason: AttioError | str) -> None:
        """Claim no further row; rows in flight are finished."""
        if self.stop_reason is None:
            self.stop_reason = reason
            self._added.notify()

    def confirm_input(self) -> None:
        """Let the work begin: the input is that of the journal, as far as the journal has it."""
        self._input_checked.set()

    async def run(self, rows: AsyncGenerator[PreparedRow] | None) -> None:
        """Work until no row is left, or the job is stopped.

        Args:
            rows: The rows that are not in the journal yet; None works off the rows in the journal.

        Raises:
            ConfigurationError: The input is not that of the journal.
        """
        self._input_ended = rows is None
        if rows is None:
            self._input_checked.set()
        try:
            async with task_group() as group:
                if rows is not None:
                    group.start_soon(self._load, rows)
                if self._journal.lease is not None:
                    group.start_soon(self._renew, self._journal.lease)
                await self._work()
                group.cancel_scope.cancel()
        finally:
            self._outcomes.flush()
        await self._settle()

    async def _load(self, rows: AsyncGenerator[PreparedRow]) -> None:
        """Add rows to the journal as they are read; those that are ready are added together."""
        count = self._known
        send, receive = anyio.create_memory_object_stream[PreparedRow](self._chunk_size)
        async with send, task_group() as group, receive:
            group.start_soon(feed, rows, send)
            async for first in receive:
                batch = await take_ready(first, receive, self._chunk_size)
                await self._add(batch)
                count = batch[-1].index + 1
        await self._journal.finish(count)
        self._input_ended = True
        self._added.notify()

    async def _add(self, batch: Sequence[PreparedRow]) -> None:
        if self._old and not self._is_shared:
            await self._old_claimed.wait()
        for row in batch:
            await self._outcomes.announce(row.index)
            if not self._is_shared:  # the labels of rows that other workers end would stay here for good
                self._labels[row.index] = row.label
        await self._journal.add([row.journal_row for row in batch])
        for row in batch:
            if row.outcome is not None:
                self._end(row.index, row.outcome)
        self._added.notify()
        await self._settle()

    async def _renew(self, lease: float) -> None:
        while True:
            await self._clock.sleep(lease / 3)
            await self._journal.renew()

    async def _work(self) -> None:
        async with task_group() as group:
            self._start_workers(group)
            await self._input_checked.wait()
            async with task_group() as readers:
                for _ in range(self._readers):
                    readers.start_soon(self._decide_all)
            self._backlog.close()

    async def _decide_all(self) -> None:
        while claims := await self._claim():
            before, self._chunk_sent = self._chunk_sent, anyio.Event()
            sent = self._chunk_sent
            decided = await self._decide(claims)
            await before.wait()  # so that rows are written in their order
            await self._backlog.put(decided)
            sent.set()

    async def _claim(self) -> Sequence[Claim]:
        """Return the next rows, waiting for some; empty when there will be none."""
        async with self._claiming:
            while self.stop_reason is None and not self._is_finished:
                added, ended = self._added.event, self._input_ended
                if claims := await self._journal.claim(self._chunk_size):
                    self._announce(claims)
                    return claims
                self._old_claimed.set()
                if self._is_shared:
                    if (await self._journal.state()).is_finished:
                        self._is_finished = True  # the other readers need not ask again
                        break
                    await self._clock.sleep(_POLL_INTERVAL_S)
                elif ended:
                    break
                else:
                    await added.wait()
        return ()

    def _announce(self, claims: Sequence[Claim]) -> None:
        """Put rows of an earlier run before all new ones."""
        for claim in claims:
            if claim.index < self._known:
                self._old -= 1
                self._outcomes.insert(claim.index)
        if self._old <= 0:
            self._old_claimed.set()

    async def _decide(self, claims: Sequence[Claim]) -> list[DecidedRow]:
        """Return the rows to write; the others end here."""
        decided = await decide_rows(self._operation, self._remote, claims, always_read=self._phase == "plan")
        ended: list[tuple[Claim, End]] = []
        left: list[DecidedRow] = []
        for row in decided:
            if isinstance(row.decision, End) and not self._is_rechecked(row.decision):
                ended.append((row.claim, row.decision))
            else:
                left.append(row)
        await self._close(ended)
        if self._phase == "write":
            return left
        await self._journal.hold(
            [
                HeldRow(
                    index=row.claim.index,
                    label=row.claim.label,
                    plan=row.plan(self._remote.lacking(row.payload, row.comparer)),
                )
                for row in left
            ]
        )
        for row in left:
            self._end(row.claim.index, None)
        await self._settle()
        return []

    def _is_rechecked(self, end: End) -> bool:
        """Return True if the row is held until the plan is applied, although there is nothing to write for it now."""
        return self._phase == "plan" and end.status == "unchanged" and self._operation.rechecks_unchanged

    def _start_workers(self, group: TaskBlock) -> None:
        """Start tasks until as many write as are wanted."""
        while self._workers < self._concurrency.workers:
            self._workers += 1
            group.start_soon(self._write_all, group)

    async def _write_all(self, group: TaskBlock) -> None:
        """Write one row after the other, until none is left or fewer tasks are wanted."""
        while self._workers <= self._concurrency.workers:
            await checkpoint()  # a row whose write waits for nothing gives the others no turn
            row = await self._backlog.take()
            if row is None:
                break
            if self.stop_reason is not None:
                await self._journal.release([row.claim])
                continue
            await self._write(row)
            self._start_workers(group)
        self._workers -= 1

    async def _write(self, row: DecidedRow) -> None:
        """Write one row; whatever goes wrong with it is its outcome."""
        begun_at = server_time(self._operation.target.session.pipeline)
        begin = partial(self._journal.begin, row.claim.index, begun_at)
        if not await begin():
            self._end(row.claim.index, None)  # another worker has it by now
            return
        self.in_flight += 1
        started = self._clock.monotonic()
        end = await self._writer.write(row, begun_at, begin)
        self._concurrency.observe(self._clock.monotonic() - started)
        if end is None:
            self._end(row.claim.index, None)
        else:
            await self._close([(row.claim, end)])
        self.in_flight -= 1

    async def _close(self, ended: Sequence[tuple[Claim, End]]) -> None:
        """Make the ends of rows durable, then deliver them. Rows for which the token was refused stay pending."""
        refused = [(claim, end) for claim, end in ended if isinstance(end.error, _TOKEN_REFUSED)]
        if refused:
            self.stop(refused[0][1].error or "the token was refused")
            await self._journal.release([claim for claim, _ in refused])
            ended = [(claim, end) for claim, end in ended if not isinstance(end.error, _TOKEN_REFUSED)]
        if not ended:
            return
        closed = set(await self._journal.close([_closing(claim.index, end) for claim, end in ended]))
        for claim, end in ended:
            index = claim.index
            if index in closed:
                label = self._labels.get(index, claim.label)
                self._end(index, Outcome(index, label, end.status, end.record, end.error))
            else:
                self._end(index, None)  # another worker has it by now
        await self._settle()

    def _end(self, index: int, outcome: Outcome | None) -> None:
        self._labels.pop(index, None)
        self._outcomes.end(index, outcome)
        if outcome is None or outcome.status != "failed":
            return
        self._failed += 1
        if self._failed > self._failures.limit:
            rows = "1 row" if self._failed == 1 else f"{self._failed:,} rows"
            self.stop(f"{rows} failed, and {self._failures.rule}")


def _closing(index: int, end: End) -> Closing:
    """Return the end of a row as a journal keeps it."""
    return Closing(
        index=index,
        status=end.status,
        id=end.record.id if end.record is not None else None,
        failure=to_failure(end.error) if end.error is not None else None,
    )
