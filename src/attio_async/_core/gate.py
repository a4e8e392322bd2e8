"""The gate: who may send next, given the permits of the rate limits and the free connections of the pool.

Both are granted in one step. A permit granted before there is a connection would be sent late and bunched
with others, which is exactly what the pacing avoids; a connection held while waiting for a write permit
would keep reads from using it.
"""

import heapq
import itertools
from collections.abc import Mapping

import anyio

from .clock import Clock
from .limiter import Bucket, RateLimiter
from .permits import Ticket

__all__ = ["Gate", "Grant"]


class _Waiter:
    __slots__ = ("event", "scope", "ticket")

    def __init__(self) -> None:
        self.event = anyio.Event()
        self.scope: anyio.CancelScope | None = None
        self.ticket: Ticket | None = None

    def wake(self) -> None:
        self.event.set()
        if self.scope is not None:
            self.scope.cancel()


class _Queue:
    """The waiters of one bucket, oldest first. At most one of them keeps the time for all."""

    __slots__ = ("heap", "timekeeper")

    def __init__(self) -> None:
        self.heap: list[tuple[int, _Waiter]] = []
        self.timekeeper: _Waiter | None = None


class Grant:
    """The right to send one request now. Exactly one of its methods is called in the end."""

    __slots__ = ("_gate", "bucket", "ticket", "waited")

    def __init__(self, gate: "Gate", bucket: Bucket, ticket: Ticket, waited: float) -> None:
        self._gate = gate
        self.bucket: Bucket = bucket
        self.ticket = ticket
        self.waited = waited

    def answered(self) -> None:
        """An answer other than a 429 arrived."""
        self._gate.settle(self, "answered")

    def lost(self) -> None:
        """No answer arrived, or nobody waited for it."""
        self._gate.settle(self, "lost")

    def refused(self, until: float) -> bool:
        """A 429 arrived that asks to wait until that monotonic instant. Whether it paused the whole bucket."""
        return self._gate.refuse(self, until)


class Gate:
    """Grants permits in the order of asking, per bucket, while fewer than `connections` requests are out."""

    def __init__(self, limiter: RateLimiter, connections: int, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock
        self._free = connections
        self._queues: Mapping[Bucket, _Queue] = {"read": _Queue(), "write": _Queue()}
        self._places = itertools.count()

    def place(self) -> int:
        """A place in the order of asking. A request that was refused comes back with its old place."""
        return next(self._places)

    async def enter(self, bucket: Bucket, place: int) -> Grant:
        """Wait for a permit of this bucket and a free connection."""
        queue, pool, asked = self._queues[bucket], self._limiter.pools[bucket], self._clock.monotonic()
        if not queue.heap and self._free and pool.ready_at(asked) <= asked:
            self._free -= 1
            return self._granted(bucket, pool.take(asked), 0.0)
        waiter = _Waiter()
        heapq.heappush(queue.heap, (place, waiter))
        try:
            while waiter.ticket is None:
                await self._wait(bucket, queue, waiter)
        except BaseException:
            self._abandon(bucket, queue, waiter)
            raise
        return self._granted(bucket, waiter.ticket, self._clock.monotonic() - asked)

    def settle(self, grant: Grant, how: str) -> None:
        """Take back what a request used, and let the next ones go."""
        pool, now = self._limiter.pools[grant.bucket], self._clock.monotonic()
        if how == "answered":
            pool.answered(grant.ticket, now)
        else:
            pool.lost(grant.ticket, now)
        self._release()

    def refuse(self, grant: Grant, until: float) -> bool:
        pool, stats, now = (
            self._limiter.pools[grant.bucket],
            self._limiter.buckets[grant.bucket],
            self._clock.monotonic(),
        )
        stats.rate_limited += 1
        paused = pool.refused(grant.ticket, now, until)
        stats.pauses += paused
        pool.answered(grant.ticket, now)
        self._release()
        return paused

    def _granted(self, bucket: Bucket, ticket: Ticket, waited: float) -> Grant:
        stats = self._limiter.buckets[bucket]
        stats.requests += 1
        stats.waited += waited
        stats.longest_wait = max(stats.longest_wait, waited)
        return Grant(self, bucket, ticket, waited)

    def _release(self) -> None:
        self._free += 1
        for bucket in self._queues:
            self._pump(bucket)

    def _pump(self, bucket: Bucket) -> None:
        """Let everybody go who may, and see to it that somebody keeps the time for the rest."""
        queue, pool, now = self._queues[bucket], self._limiter.pools[bucket], self._clock.monotonic()
        while queue.heap and self._free and pool.ready_at(now) <= now:
            _, waiter = heapq.heappop(queue.heap)
            self._free -= 1
            waiter.ticket = pool.take(now)
            waiter.wake()
        if queue.heap and queue.timekeeper is None and self._free:
            queue.heap[0][1].wake()

    async def _wait(self, bucket: Bucket, queue: _Queue, waiter: _Waiter) -> None:
        if queue.timekeeper is None and self._free:
            pool, now = self._limiter.pools[bucket], self._clock.monotonic()
            queue.timekeeper = waiter
            try:
                with anyio.CancelScope() as waiter.scope:
                    # Bounded, because another client with the same limiter may hear of a permit before we do.
                    await self._clock.sleep(min(pool.ready_at(now) - now, pool.window))
            finally:
                waiter.scope = queue.timekeeper = None
            self._pump(bucket)
        else:
            await waiter.event.wait()
            if waiter.ticket is None:
                waiter.event = anyio.Event()

    def _abandon(self, bucket: Bucket, queue: _Queue, waiter: _Waiter) -> None:
        """The waiting task was cancelled, perhaps in the very moment it was granted its permit."""
        if waiter.ticket is None:
            queue.heap = [entry for entry in queue.heap if entry[1] is not waiter]
            heapq.heapify(queue.heap)
            self._pump(bucket)
        else:
            self._limiter.pools[bucket].untaken(waiter.ticket)
            self._release()
