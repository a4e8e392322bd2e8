"""The work of a job: rows are put down, looked at in chunks, written by as many as it takes, and closed."""

import math
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from typing import Literal

import anyio
import attrs
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ..._limits.limiter import RateLimiter
from ..._utils.concurrency import sole
from ...errors import AttioError, AuthenticationFailed, PermissionDenied
from .._journal.protocol import (
    Claim,
    HeldRow,
    JobState,
    Journal,
)
from .decisions import End, RowOperation, Write
from .lookup import CHUNK, Current, Looked, look
from .reader import Prepared, feed, with_what_is_ready
from .report import Outcome
from .writer import RowWriter


class OutcomeQueue:
    """Gives outcomes out in the order in which their rows were announced, and makes room as it does.

    Args:
        deliver: Takes each outcome.
        room: How many rows may be announced and not given out yet.
        in_order: False gives each out when it comes, for a job of which others do a part.
    """

    def __init__(self, deliver: Callable[[Outcome], None], *, room: int, in_order: bool) -> None:
        self._deliver = deliver
        self._in_order = in_order
        self._room = anyio.Semaphore(room)
        self._expected: deque[tuple[int, bool]] = deque()  # with whether it takes room
        self._ended: dict[int, Outcome | None] = {}

    async def announce(self, index: int) -> None:
        """Make a place for a row, once there is room."""
        if self._in_order:
            await self._room.acquire()
            self._expected.append((index, True))

    def insert(self, index: int) -> None:
        """Make a place for a row that was announced by an earlier run, whether there is room or not."""
        if self._in_order:
            self._expected.append((index, False))

    def end(self, index: int, outcome: Outcome | None) -> None:
        """A row ended; without an outcome it only makes room."""
        if not self._in_order:
            if outcome is not None:
                self._deliver(outcome)
            return
        self._ended[index] = outcome
        while self._expected and self._expected[0][0] in self._ended:
            first, takes_room = self._expected.popleft()
            ended = self._ended.pop(first)
            if takes_room:
                self._room.release()
            if ended is not None:
                self._deliver(ended)

    def flush(self) -> None:
        """Give out what waits for rows that will not end any more."""
        waiting, self._ended = sorted(self._ended.items()), {}
        for _, outcome in waiting:
            if outcome is not None:
                self._deliver(outcome)


_FEWEST = 4


_EVERY = 20


"""Rows after which the number is set anew."""


_MARGIN = 1.5


"""So many times what the rate needs at the mean latency, since some answers take longer than others."""


class Pace:
    """Chooses how many rows are on their way so that the rate limit, not the latency, decides how fast a job is.

    By Little's law that is the rate times the time an answer takes, without what it waited for its permit.

    Args:
        limiter: Whose limit is to be used up.
        most: How many there may be; less than there are connections, so that other requests find one free.
        fixed: The number, where it is given.
    """

    def __init__(self, limiter: RateLimiter, *, most: int, fixed: int | None) -> None:
        self._limiter = limiter
        self._most = most
        self.workers = fixed or min(most, 8)
        self._fixed = fixed is not None
        self._rows = 0
        self._seconds = 0.0
        self._before = limiter.stats().writes

    def took(self, seconds: float) -> None:
        """A row was on its way for so long, waiting for its permit included."""
        self._rows += 1
        self._seconds += seconds
        if self._fixed or self._rows < _EVERY:
            return
        now = self._limiter.stats().writes
        sent = max(1, now.requests - self._before.requests)
        waited = (now.waited - self._before.waited) / sent
        latency = max(0.0, self._seconds / self._rows - waited)
        wanted = math.ceil(now.rate * latency * _MARGIN) + _FEWEST
        self.workers = max(_FEWEST, min(self._most, wanted))
        self._rows, self._seconds, self._before = 0, 0.0, now


Phase = Literal["write", "plan"]


_READERS = 4


"""Chunks that are looked at at the same time: enough to find 10,000 rows unchanged in a few seconds."""


_POLL = 1.0


"""Seconds after which a worker that found nothing to do asks again what others put down."""


_HOPELESS = (AuthenticationFailed, PermissionDenied)


"""Refusals that every further row would meet too."""


@attrs.define
class _Signal:
    """Rows were put down, or there will be no more, or nothing more is to be done."""

    event: anyio.Event = attrs.field(factory=anyio.Event)

    def give(self) -> None:
        self.event.set()
        self.event = anyio.Event()


class Engine:
    """One pass over the rows of a job.

    Args:
        operation: What to do with them.
        journal: What keeps them; it is open.
        state: How far the job was when this pass began.
        current: Reads what is there.
        pace: How many are on their way at once.
        deliver: Takes each outcome, when it is durable.
        max_failures: How many rows may fail.
        phase: "plan" puts aside what would be written, instead of writing it.

    Attributes:
        planned: How many rows were put aside, by what would be done with them.
        stop_reason: Why no further row is written; None while nothing speaks against it.
        in_flight: Rows that were begun and have not ended, so that they may or may not be written.
    """

    def __init__(
        self,
        *,
        operation: RowOperation,
        journal: Journal,
        state: JobState,
        current: Current,
        pace: Pace,
        deliver: Callable[[Outcome], None],
        max_failures: float = math.inf,
        phase: Phase = "write",
    ) -> None:
        self.planned: Counter[str] = Counter()
        self.stop_reason: AttioError | str | None = None
        self.in_flight = 0
        self._operation = operation
        self._journal = journal
        self._old = state.open
        self._known = state.rows
        self._current = current
        self._pace = pace
        self._phase: Phase = phase
        self._max_failures = max_failures
        self._failed = 0
        self._clock = operation.target.session.pipeline.clock
        self._writer = RowWriter(operation, current, started_at=state.info.started_at)
        looks = operation.reads or current.creates_references or phase == "plan"
        self._chunk = CHUNK if looks else max(4, pace.workers)
        self._readers = _READERS if looks else 1
        self._shared = journal.lease is not None
        self._delivery = OutcomeQueue(deliver, room=8 * self._chunk, in_order=not self._shared)
        self._labels: dict[int, object] = {}
        self._put_down = _Signal()
        self._checked = anyio.Event()
        self._old_claimed = anyio.Event()
        self._sent = anyio.Event()
        self._sent.set()
        self._input_ended = False
        self._claiming = anyio.Lock()
        self._slots = anyio.CapacityLimiter(pace.workers)

    def stop(self, reason: AttioError | str) -> None:
        """No further row is claimed; those that are being written are finished."""
        if self.stop_reason is None:
            self.stop_reason = reason
            self._put_down.give()

    def checked(self) -> None:
        """The input is that of the journal, as far as the journal has it: the work may begin."""
        self._checked.set()

    async def run(self, rows: AsyncGenerator[Prepared] | None) -> None:
        """Work until no row is left, or the job is stopped.

        Args:
            rows: The rows that the journal does not have yet; None works off what it has.

        Raises:
            ConfigurationError: The input is not that of the journal.
        """
        self._input_ended = rows is None
        if rows is None:
            self._checked.set()
        try:
            async with anyio.create_task_group() as group:
                if rows is not None:
                    group.start_soon(self._load, rows)
                if self._journal.lease is not None:
                    group.start_soon(self._renew, self._journal.lease)
                await self._work()
                group.cancel_scope.cancel()
        except BaseExceptionGroup as errors:
            raise sole(errors) from None
        finally:
            self._delivery.flush()

    async def _load(self, rows: AsyncGenerator[Prepared]) -> None:
        """Put rows down as they are read; what is ready is put down together."""
        count = self._known
        send, receive = anyio.create_memory_object_stream[Prepared](self._chunk)
        async with anyio.create_task_group() as group, receive:
            group.start_soon(feed, rows, send)
            async for first in receive:
                batch = await with_what_is_ready(first, receive, self._chunk)
                await self._add(batch)
                count = batch[-1].index + 1
        await self._journal.finish(count)
        self._input_ended = True
        self._put_down.give()

    async def _add(self, batch: Sequence[Prepared]) -> None:
        if self._old and not self._shared:
            await self._old_claimed.wait()
        for row in batch:
            await self._delivery.announce(row.index)
            if not self._shared:  # what others end would stay here for good
                self._labels[row.index] = row.label
        await self._journal.add([row.task for row in batch])
        for row in batch:
            if row.outcome is not None:
                self._end(row.index, row.outcome)
        self._put_down.give()

    async def _renew(self, lease: float) -> None:
        while True:
            await self._clock.sleep(lease / 3)
            await self._journal.renew()

    async def _work(self) -> None:
        send, receive = anyio.create_memory_object_stream[Looked](self._chunk)
        async with anyio.create_task_group() as group:
            group.start_soon(self._write_all, receive)
            async with send:
                await self._checked.wait()
                async with anyio.create_task_group() as readers:
                    for _ in range(self._readers):
                        readers.start_soon(self._look_at_all, send)

    async def _look_at_all(self, send: MemoryObjectSendStream[Looked]) -> None:
        with suppress(anyio.BrokenResourceError):  # whoever writes has failed, and tells so
            while claims := await self._claim():
                before, self._sent = self._sent, anyio.Event()
                sent = self._sent
                looked = await self._look(claims)
                await before.wait()  # so that rows are written in their order
                for row in looked:
                    await send.send(row)
                sent.set()

    async def _claim(self) -> Sequence[Claim]:
        """The next rows, waiting for some; empty when there will be none."""
        async with self._claiming:
            while self.stop_reason is None:
                put_down, ended = self._put_down.event, self._input_ended
                if claims := await self._journal.claim(self._chunk):
                    self._announce(claims)
                    return claims
                self._old_claimed.set()
                if self._shared:
                    if (await self._journal.state()).is_finished:
                        break
                    await self._clock.sleep(_POLL)
                elif ended:
                    break
                else:
                    await put_down.wait()
        return ()

    def _announce(self, claims: Sequence[Claim]) -> None:
        """Rows of an earlier run come before all new ones."""
        for claim in claims:
            if claim.index < self._known:
                self._old -= 1
                self._delivery.insert(claim.index)
        if self._old <= 0:
            self._old_claimed.set()

    async def _look(self, claims: Sequence[Claim]) -> list[Looked]:
        """The rows that are to be written; the others end here."""
        looked = await look(self._operation, self._current, claims, always=self._phase == "plan")
        ended: list[tuple[Claim, End]] = []
        planned: list[Looked] = []
        for row in looked:
            if isinstance(row.decision, End):
                ended.append((row.claim, row.decision))
            else:
                planned.append(row)
        await self._close(ended)
        if self._phase == "write":
            return planned
        await self._journal.hold([HeldRow(index=row.claim.index, plan=row.plan) for row in planned])
        for row in planned:
            if isinstance(row.decision, Write):
                self.planned[row.decision.action] += 1
            self._end(row.claim.index, None)
        return []

    async def _write_all(self, receive: MemoryObjectReceiveStream[Looked]) -> None:
        async with anyio.create_task_group() as group, receive:
            async for row in receive:
                await self._slots.acquire_on_behalf_of(row)
                if self.stop_reason is not None:
                    self._slots.release_on_behalf_of(row)
                    await self._journal.release([row.claim])
                else:
                    group.start_soon(self._write, row)

    async def _write(self, row: Looked) -> None:
        """Write one row; whatever goes wrong with it is its outcome."""
        try:
            begun = self._writer.server_time()
            if not await self._journal.begin(row.claim.index, begun):
                self._end(row.claim.index, None)  # somebody else has it by now
                return
            self.in_flight += 1
            started = self._clock.monotonic()
            end = await self._writer.written(row, begun)
            self._pace.took(self._clock.monotonic() - started)
            await self._close([(row.claim, end)])
            self.in_flight -= 1
        finally:
            self._slots.release_on_behalf_of(row)
            self._slots.total_tokens = self._pace.workers

    async def _close(self, ended: Sequence[tuple[Claim, End]]) -> None:
        """Have it durable how rows ended, then say so. Where nobody is let in, the row is for another day."""
        hopeless = [(claim, end) for claim, end in ended if isinstance(end.error, _HOPELESS)]
        if hopeless:
            self.stop(hopeless[0][1].error or "the token was refused")
            await self._journal.release([claim for claim, _ in hopeless])
        given_back = {claim.index for claim, _ in hopeless}
        by_index = {claim.index: (claim, end) for claim, end in ended if claim.index not in given_back}
        if not by_index:
            return
        closed = await self._journal.close([end.closing(claim.index) for claim, end in by_index.values()])
        for index in closed:
            claim, end = by_index.pop(index)
            label = self._labels.get(index, claim.label)
            self._end(index, Outcome(index, label, end.status, end.record, end.error))
        for index in by_index:
            self._end(index, None)  # somebody else has it by now

    def _end(self, index: int, outcome: Outcome | None) -> None:
        self._labels.pop(index, None)
        self._delivery.end(index, outcome)
        if outcome is None or outcome.status != "failed":
            return
        self._failed += 1
        if self._failed > self._max_failures:
            self.stop(f"{self._failed} rows failed, and max_failures is {self._max_failures}")
