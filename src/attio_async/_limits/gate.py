"""The gate: who may send next, given the permits of the rate limits and the free connections of the pool.

All of them are granted in one step. A permit granted before there is a connection would be sent late and
bunched with others, which is exactly what the pacing avoids; a connection held while waiting for a write
permit would keep reads from using it; and a scarce permit held while waiting for a common one would be wasted.
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
from ..errors import ConfigurationError
from .governor import Ticket
from .limiter import (
    Bucket,
    Lane,
    Quota,
    RateLimiter,
)

Priority = Literal["interactive", "bulk"]


_RANKS = {"interactive": 0, "bulk": 1}


_rank: ContextVar[int] = ContextVar("attio_priority", default=0)


@contextmanager
def priority(level: Priority) -> Generator[None]:
    """Requests made inside, also by tasks started inside, wait behind or before the others.

    As long as interactive requests wait for a permit, no bulk request gets one. Outside, requests are interactive;
    jobs over many rows are bulk by themselves.

    Raises:
        ConfigurationError: There is no such level.
    """
    if level not in _RANKS:
        raise ConfigurationError(f"the priority is 'interactive' or 'bulk', not {level!r}")
    token = _rank.set(_RANKS[level])
    try:
        yield
    finally:
        _rank.reset(token)


def current_priority() -> int:
    """The rank of this task's requests; the lowest goes first."""
    return _rank.get()


Place = tuple[int, int]


"""A place in a queue: the rank of its priority, then the order of asking. The lowest goes first."""


_LOOK_AGAIN = 1.0


"""Seconds after which a sleeper looks again, because a client that shares its limiter hears of permits first."""


_EARLIER = 1e-6


"""Seconds by which a permit must come back earlier than expected to wake who sleeps until then."""


class _Waiter:
    __slots__ = ("deadline", "event", "gone", "scope", "tickets")

    def __init__(self) -> None:
        self.event = anyio.Event()
        self.scope: anyio.CancelScope | None = None
        self.deadline = math.inf
        self.tickets: tuple[Ticket, ...] | None = None
        self.gone = False

    def wake(self) -> None:
        self.event.set()
        if self.scope is not None:
            self.scope.cancel()


class _Queue:
    """Those who wait for the same limits. At most one of them keeps the time for all."""

    __slots__ = ("heap", "lane", "scarce", "timekeeper", "waiting")

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.scarce = len(lane.quotas) > 1
        self.heap: list[tuple[Place, _Waiter]] = []
        self.waiting = 0
        self.timekeeper: _Waiter | None = None

    def head(self) -> tuple[Place, _Waiter]:
        while self.heap[0][1].gone:
            heapq.heappop(self.heap)
        return self.heap[0]

    def ready_at(self, now: float) -> float:
        quotas = self.lane.quotas
        if len(quotas) == 1:
            return quotas[0].ready_at(now)
        return max([quota.ready_at(now) for quota in quotas])

    def turn(self) -> tuple[int, bool, int]:
        """Its head's turn among the heads of all queues: a permit of a scarce limit is not kept waiting."""
        (rank, number), _ = self.head()
        return rank, not self.scarce, number


class SendPermit:
    """The right to send one request now. Exactly one of its methods is called in the end."""

    __slots__ = ("_gate", "lane", "tickets", "waited")

    def __init__(self, gate: "Gate", lane: Lane, tickets: tuple[Ticket, ...], waited: float) -> None:
        self._gate = gate
        self.lane = lane
        self.tickets = tickets
        self.waited = waited

    def answered(self) -> None:
        """An answer other than a 429 arrived."""
        self._gate.answered(self)

    def lost(self) -> None:
        """No answer arrived, or nobody waited for it."""
        self._gate.lost(self)

    def refused(self, until: float) -> bool:
        """A 429 for the rate asks to wait until that monotonic instant. Whether it paused the whole bucket."""
        return self._gate.refused(self, until, self.lane.pool)

    def refused_for_score(self, until: float) -> bool:
        """A 429 for what queries cost, likewise."""
        return self._gate.refused(self, until, self.lane.quotas[0])


class Gate:
    """Grants permits by priority and then in the order of asking, while fewer than `connections` requests are out."""

    def __init__(self, limiter: RateLimiter, connections: int, clock: Clock) -> None:
        self.clock = clock
        self._limiter = limiter
        self.connections = connections
        self._free = connections
        self._queues: dict[Bucket, _Queue] = {}
        self._waiting = 0
        self._places = itertools.count()
        limiter.attach(self)

    def place(self, rank: int = 0) -> Place:
        """A place in the order of asking. A request that was refused comes back with its old place."""
        return rank, next(self._places)

    async def enter(self, lane: Lane, place: Place) -> SendPermit:
        """Wait for a permit of each limit and a free connection."""
        queue = self._queues.get(lane.name)
        if queue is None:
            queue = self._queues[lane.name] = _Queue(lane)
        asked = self.clock.monotonic()
        if not self._waiting and self._free and queue.ready_at(asked) <= asked:
            return self._granted(lane, self._take(lane, asked), 0.0)
        waiter = _Waiter()
        heapq.heappush(queue.heap, (place, waiter))
        queue.waiting += 1
        self._waiting += 1
        try:
            self.pump()
            while waiter.tickets is None:
                await self._wait(queue, waiter)
        except BaseException:
            self._abandon(queue, waiter)
            raise
        return self._granted(lane, waiter.tickets, self.clock.monotonic() - asked)

    def answered(self, grant: SendPermit) -> None:
        now, quotas, tickets = self.clock.monotonic(), grant.lane.quotas, grant.tickets
        quotas[0].answered(tickets[0], now)
        if len(quotas) > 1:
            for quota, ticket in zip(quotas[1:], tickets[1:], strict=True):
                quota.answered(ticket, now)
        self._release()

    def lost(self, grant: SendPermit) -> None:
        now = self.clock.monotonic()
        for quota, ticket in zip(grant.lane.quotas, grant.tickets, strict=True):
            quota.lost(ticket, now)
        self._release()

    def refused(self, grant: SendPermit, until: float, blamed: Quota) -> bool:
        """Settle a refusal by one of the quotas; for the others, the request has just arrived."""
        now, paused = self.clock.monotonic(), False
        for quota, ticket in zip(grant.lane.quotas, grant.tickets, strict=True):
            if quota is blamed:
                paused = quota.refused(ticket, now, until)
            else:
                quota.answered(ticket, now)
        for stats in grant.lane.stats:
            stats.rate_limited += 1
        grant.lane.stats[0].pauses += paused
        self._release()
        return paused

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
        return SendPermit(self, lane, tickets, waited)

    def _release(self) -> None:
        self._free += 1
        if self._waiting:
            self.pump()

    def pump(self) -> None:
        """Let everybody go who may, ask for more permits, and see to it that in each queue somebody keeps the time for the rest."""
        now = self.clock.monotonic()
        queues = [queue for queue in self._queues.values() if queue.waiting]
        while self._free and (ready := [q for q in queues if q.waiting and q.ready_at(now) <= now]):
            queue = ready[0] if len(ready) == 1 else min(ready, key=_Queue.turn)
            _, waiter = queue.head()
            heapq.heappop(queue.heap)
            self._left(queue)
            waiter.tickets = self._take(queue.lane, now)
            waiter.wake()
        if self._free:
            for queue in queues:
                if queue.waiting:
                    queue.lane.ask(min(queue.waiting, self._free), now)
            self._keep_time(queues, now)

    def _keep_time(self, queues: Sequence[_Queue], now: float) -> None:
        for queue in queues:
            if not queue.waiting:
                continue
            if queue.timekeeper is None:
                queue.head()[1].wake()
            elif queue.ready_at(now) < queue.timekeeper.deadline - _EARLIER:
                queue.timekeeper.wake()

    async def _wait(self, queue: _Queue, waiter: _Waiter) -> None:
        if queue.timekeeper is None and self._free:
            queue.timekeeper = waiter
            now = self.clock.monotonic()
            waiter.deadline = min(queue.ready_at(now), now + _LOOK_AGAIN)
            try:
                with anyio.CancelScope() as waiter.scope:
                    await self.clock.sleep(waiter.deadline - now)
            finally:
                waiter.scope = queue.timekeeper = None
            self.pump()
        else:
            await waiter.event.wait()
            if waiter.tickets is None:
                waiter.event = anyio.Event()

    def _left(self, queue: _Queue) -> None:
        queue.waiting -= 1
        self._waiting -= 1
        if not queue.waiting:
            queue.heap.clear()  # what is left in it are those who gave up

    def _abandon(self, queue: _Queue, waiter: _Waiter) -> None:
        """The waiting task was cancelled, perhaps in the very moment it was granted its permits."""
        if waiter.tickets is None:
            waiter.gone = True
            self._left(queue)
            self.pump()
        else:
            for quota, ticket in zip(queue.lane.quotas, waiter.tickets, strict=True):
                quota.untaken(ticket)
            self._release()
