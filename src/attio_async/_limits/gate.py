"""The gate: decides which request is sent next, by the permits of the rate limits and the free connections.

A request gets all of its permits and a connection in one step. A permit granted before there is a connection would be used
late and bunched with others, which is what the pacing avoids. A connection held while waiting for a write permit would
be lost to reads. A scarce permit held while waiting for a common one would be wasted.
"""

import heapq
import itertools
import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import anyio

from .._utils.clock import Clock
from .._utils.public import public
from ..errors import ConfigurationError
from .governor import Ticket
from .lane import Bucket, Lane
from .limiter import TokenLimits

Priority = Literal["interactive", "bulk"]

_RANKS = {"interactive": 0, "bulk": 1}

_rank: ContextVar[int] = ContextVar("attio_priority", default=0)


@public
@contextmanager
def priority(level: Priority) -> Generator[None]:
    """Set the priority of requests made inside, also by tasks started inside.

    Interactive requests go first, but a bulk request that waits gets at least every twentieth permit of its limit, so
    that a job is never starved. Requests are interactive by default; jobs over many rows set "bulk" themselves.

    Raises:
        ConfigurationError: The level is unknown.
    """
    if level not in _RANKS:
        raise ConfigurationError(f"the priority must be 'interactive' or 'bulk', not {level!r}")
    token = _rank.set(_RANKS[level])
    try:
        yield
    finally:
        _rank.reset(token)


def current_rank() -> int:
    """Return the rank of requests of this task; the lowest goes first."""
    return _rank.get()


QueuePosition = tuple[int, int]
"""The rank of a request's priority, then its number in the order of asking. The lowest goes first."""

_BULK_SHARE = 20
"""Of so many permits in a row that waiting requests get, one is for bulk requests."""

_RECHECK_INTERVAL_S = 1.0
"""A timekeeper wakes up after this at the latest: another client of the same limiter may have changed its permits."""

_MIN_ADVANCE_S = 1e-6
"""How much earlier than expected a permit must come back for the timekeeper to be woken."""


class _Waiter:
    """One request that waits."""

    __slots__ = ("cancelled", "deadline", "event", "scope", "tickets")

    def __init__(self) -> None:
        self.event: anyio.Event | None = None  # only while it waits for one
        self.scope: anyio.CancelScope | None = None
        self.deadline = math.inf
        self.tickets: tuple[Ticket, ...] | None = None
        self.cancelled = False

    def wake(self) -> None:
        if self.event is not None:
            self.event.set()
        if self.scope is not None:
            self.scope.cancel()


class _Queue:
    """The requests that wait for the same limits. One of them, the timekeeper, sleeps until the next permit."""

    __slots__ = ("_heaps", "_passed", "lane", "scarce", "timekeeper", "waiting")

    def __init__(self, lane: Lane) -> None:
        self.lane: Lane = lane
        self.scarce = len(lane.quotas) > 1
        self._heaps: tuple[list[tuple[int, _Waiter]], ...] = tuple([] for _ in _RANKS)
        self._passed = 0  # requests that went before a waiting bulk request, in a row
        self.waiting = 0
        self.timekeeper: _Waiter | None = None

    def push(self, position: QueuePosition, waiter: _Waiter) -> None:
        rank, number = position
        heapq.heappush(self._heaps[rank], (number, waiter))
        self.waiting += 1

    def head(self) -> tuple[int, int, _Waiter]:
        """Return the rank, the number and the request that goes next. A bulk request goes before its turn at times."""
        is_bulk_turn = self._passed >= _BULK_SHARE - 1
        has_interactive, has_bulk = [
            self._clean(heap) for heap in self._heaps
        ]  # both: it drops the cancelled
        rank = int(has_bulk and (is_bulk_turn or not has_interactive))
        number, waiter = self._heaps[rank][0]
        return (0 if is_bulk_turn else rank), number, waiter

    def pop(self) -> _Waiter:
        """Remove the request that goes next, and return it."""
        _, _, waiter = self.head()
        chosen = next(heap for heap in self._heaps if heap and heap[0][1] is waiter)
        heapq.heappop(chosen)
        if chosen is self._heaps[-1]:
            self._passed = 0
        else:
            self.pass_over()
        return waiter

    def pass_over(self) -> None:
        """Note that another request went first, although one may wait here that could be sent."""
        self._passed = self._passed + 1 if self._clean(self._heaps[-1]) else 0

    def clear(self) -> None:
        for heap in self._heaps:
            heap.clear()

    def _clean(self, heap: list[tuple[int, _Waiter]]) -> bool:
        """Drop requests that were cancelled; return True if there are others."""
        while heap and heap[0][1].cancelled:
            heapq.heappop(heap)
        return bool(heap)

    def ready_at(self, now: float) -> float:
        quotas = self.lane.quotas
        if len(quotas) == 1:
            return quotas[0].ready_at(now)
        return max([quota.ready_at(now) for quota in quotas])

    def turn(self) -> tuple[int, bool, int]:
        """Return the turn of its head among the heads of all queues. A permit of a scarce limit is not left unused."""
        rank, number, _ = self.head()
        return rank, not self.scarce, number


class SendPermit:
    """The right to send one request now. The caller calls one of its methods in the end; the first call counts."""

    __slots__ = ("_gate", "_is_out", "lane", "tickets", "waited")

    def __init__(self, gate: "Gate", lane: Lane, tickets: tuple[Ticket, ...], waited: float) -> None:
        self._gate = gate
        self._is_out = True
        self.lane: Lane = lane
        self.tickets: tuple[Ticket, ...] = tickets
        self.waited: float = waited

    def answered(self) -> None:
        """Report a response other than a 429."""
        if not self._ends():
            return
        now, quotas, tickets = self._gate.clock.monotonic(), self.lane.quotas, self.tickets
        quotas[0].answered(tickets[0], now)
        if len(quotas) > 1:
            for quota, ticket in zip(quotas[1:], tickets[1:], strict=True):
                quota.answered(ticket, now)
        self._gate.release_connection()

    def lost(self) -> None:
        """Report that no response arrived, or that the caller stopped waiting for it."""
        if not self._ends():
            return
        now = self._gate.clock.monotonic()
        for quota, ticket in zip(self.lane.quotas, self.tickets, strict=True):
            quota.lost(ticket, now)
        self._gate.release_connection()

    def rate_limited(self, until: float, *, for_score: bool = False) -> bool:
        """Report a 429 that asks to wait until that monotonic instant. Return True if it paused the whole bucket.

        It is blamed on the score of queries or on the rate of the lane; for the other limits it is a response.
        """
        if not self._ends():
            return False
        now, paused = self._gate.clock.monotonic(), False
        blamed = self.lane.quotas[0] if for_score else self.lane.pool
        for quota, ticket in zip(self.lane.quotas, self.tickets, strict=True):
            if quota is blamed:
                paused = quota.rate_limited(ticket, now, until)
            else:
                quota.answered(ticket, now)
        for stats in self.lane.stats:
            stats.rate_limited += 1
        self.lane.stats[0].pauses += paused
        self._gate.release_connection()
        return paused

    def _ends(self) -> bool:
        """Return True the first time."""
        was_out, self._is_out = self._is_out, False
        self._gate.ended(self)
        return was_out


class Gate:
    """Grants permits by priority and then in the order of asking, to at most `connections` requests at a time."""

    def __init__(self, limits: TokenLimits, connections: int, clock: Clock) -> None:
        self.clock = clock
        self.connections = connections
        self._free = connections
        self._queues: dict[Bucket, _Queue] = {}
        self._waiting = 0
        self._numbers = itertools.count()
        self._out: set[SendPermit] = set()
        limits.attach(self)

    def forget(self) -> None:
        """Forget the requests that wait or are in flight: their event loop has ended."""
        queues, self._queues, self._waiting = self._queues, {}, 0
        for queue in queues.values():
            queue.waiting = 0
            queue.clear()
        for permit in list(self._out):
            permit.lost()

    def ended(self, permit: SendPermit) -> None:
        """Forget a permit that is no longer out."""
        self._out.discard(permit)

    def position(self, rank: int = 0) -> QueuePosition:
        """Return the next position in the queue. A retry keeps the position of its request."""
        return rank, next(self._numbers)

    async def enter(self, lane: Lane, position: QueuePosition) -> SendPermit:
        """Wait for a permit of each limit and a free connection."""
        queue = self._queues.get(lane.name)
        if queue is None:
            queue = self._queues[lane.name] = _Queue(lane)
        asked = self.clock.monotonic()
        if not self._waiting and self._free and queue.ready_at(asked) <= asked:
            return self._granted(lane, self._take(lane, asked), 0.0)
        waiter = _Waiter()
        queue.push(position, waiter)
        self._waiting += 1
        try:
            self.pump()
            while waiter.tickets is None:
                await self._wait(queue, waiter)
        except BaseException:
            self._abandon(queue, waiter)
            raise
        return self._granted(lane, waiter.tickets, self.clock.monotonic() - asked)

    def _take(self, lane: Lane, now: float) -> tuple[Ticket, ...]:
        self._free -= 1
        quotas = lane.quotas
        return (quotas[0].take(now),) if len(quotas) == 1 else tuple([quota.take(now) for quota in quotas])

    def _granted(self, lane: Lane, tickets: tuple[Ticket, ...], waited: float) -> SendPermit:
        for stats in lane.stats:
            stats.requests += 1
            if waited:
                stats.waited += waited
                stats.longest_wait = max(stats.longest_wait, waited)
        permit = SendPermit(self, lane, tickets, waited)
        self._out.add(permit)
        return permit

    def release_connection(self) -> None:
        """Free a connection for the next request."""
        self._free += 1
        if self._waiting:
            self.pump()

    def pump(self) -> None:
        """Let every request pass that has its permits now, ask for more, and keep a timekeeper in each queue."""
        now = self.clock.monotonic()
        queues = [queue for queue in self._queues.values() if queue.waiting]
        while self._free and (ready := [q for q in queues if q.waiting and q.ready_at(now) <= now]):
            queue = ready[0] if len(ready) == 1 else min(ready, key=_Queue.turn)
            waiter = queue.pop()
            for other in ready:
                if other is not queue and other.waiting:
                    other.pass_over()
            self._left(queue)
            waiter.tickets = self._take(queue.lane, now)
            waiter.wake()
        if self._free:
            for queue in queues:
                if queue.waiting:
                    queue.lane.request_permits(min(queue.waiting, self._free), now)
            self._keep_time(queues, now)

    def _keep_time(self, queues: Sequence[_Queue], now: float) -> None:
        for queue in queues:
            if not queue.waiting:
                continue
            if queue.timekeeper is None:
                queue.head()[2].wake()
            elif queue.ready_at(now) < queue.timekeeper.deadline - _MIN_ADVANCE_S:
                queue.timekeeper.wake()

    async def _wait(self, queue: _Queue, waiter: _Waiter) -> None:
        if queue.timekeeper is None and self._free:
            queue.timekeeper = waiter
            now = self.clock.monotonic()
            waiter.deadline = min(queue.ready_at(now), now + _RECHECK_INTERVAL_S)
            try:
                with anyio.CancelScope() as waiter.scope:
                    await self.clock.sleep(waiter.deadline - now)
            finally:
                waiter.scope = queue.timekeeper = None
            self.pump()
        else:
            waiter.event = anyio.Event()
            await waiter.event.wait()

    def _left(self, queue: _Queue) -> None:
        queue.waiting -= 1
        self._waiting -= 1
        if not queue.waiting:
            queue.clear()  # only cancelled requests are left in it

    def _abandon(self, queue: _Queue, waiter: _Waiter) -> None:
        """Give up for a task that was cancelled, perhaps in the moment that it was granted its permits."""
        if waiter.tickets is None and self._queues.get(queue.lane.name) is not queue:
            return  # forgotten
        if waiter.tickets is None:
            waiter.cancelled = True
            self._left(queue)
            self.pump()
        else:
            for quota, ticket in zip(queue.lane.quotas, waiter.tickets, strict=True):
                quota.unsent(ticket)
            self.release_connection()
