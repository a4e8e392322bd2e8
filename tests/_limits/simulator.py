"""A saturated client against a strict server, in virtual time and without an event loop.

The client is the real permit pool, server clock and reading of `Retry-After`. The server counts arrivals in one of five
ways. The network in between delays each direction by itself. Every run is determined by its seed.
"""

import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence
from email.utils import formatdate

import attrs

from attio_async._limits.governor import Ticket
from attio_async._limits.permits import PermitPool
from attio_async._limits.server_clock import ServerClock
from attio_async._pipeline.retry import rate_limit_delay
from tests._limits.windows import (
    NETWORKS,
    PROCESSING,
    WINDOWS,
    Delay,
    Window,
)

EPOCH = 1_767_225_600.0  # the server's time when the simulation begins


def dated(now: float) -> str:
    """Return the server's `Retry-After`: the next second of its clock, as an HTTP date."""
    return formatdate(math.floor(now) + 1, usegmt=True)


@attrs.define
class Request:
    """One request, which is retried until it is accepted."""

    number: int
    not_before: float = 0.0
    attempts: int = 0


@attrs.frozen
class Flight:
    """One sending of a request."""

    request: Request
    ticket: Ticket
    sent: float


@attrs.frozen
class ServerResponse:
    """A response, at the whole second of the server's clock that its headers show."""

    admitted: bool
    date: int
    retry_after: str | None


@attrs.define
class Outcome:
    """The events of a run; instants are seconds since the beginning."""

    accepted: list[float] = attrs.field(factory=list)
    rate_limited: list[float] = attrs.field(factory=list)
    sent: list[float] = attrs.field(factory=list)
    answered: list[float] = attrs.field(factory=list)
    early: int = 0
    order: list[int] = attrs.field(factory=list)

    def accepted_between(self, start: float, end: float) -> int:
        return sum(start <= instant < end for instant in self.accepted)

    def used(self, start: float, end: float, limit: float) -> float:
        """Return the accepted part of what the limit allows, in percent."""
        return 100 * self.accepted_between(start, end) / (limit * (end - start))

    @property
    def rate_limited_per_10k(self) -> float:
        return 1e4 * len(self.rate_limited) / max(1, len(self.sent))


@attrs.define(slots=False)
class Simulation:
    """A client that always has something to send, or sends a number of requests at once.

    Attributes:
        skew: By how much the client's wall clock is ahead of the server's.
        drop: Lowers the limit for a while: (start, end, limit).
        cold: A delay of the first request of each connection.
    """

    window: Window
    network: Delay
    pool: PermitPool
    seed: int = 1
    skew: float = 0.0
    drop: tuple[float, float, int] | None = None
    cold: float = 0.0
    connections: int = 1000
    retry_after: Callable[[float], str | None] = dated
    noise: bool = True
    outcome: Outcome = attrs.field(factory=Outcome)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.clock = ServerClock()
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.numbers = itertools.count()
        self.returning: list[tuple[int, Request]] = []
        self.free = self.connections
        self.warm = 0
        self.busy_until = 0.0
        self.woken_at = -1.0
        self.full_limit = self.window.limit

    def at(self, instant: float, action: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (instant, next(self.numbers), action))

    def saturate(self, seconds: float) -> Outcome:
        """Run for that long with an endless queue."""
        self.fresh = (Request(number) for number in itertools.count())
        return self.run(seconds)

    def burst(self, requests: int, seconds: float) -> Outcome:
        """Send requests at once, and then nothing."""
        self.fresh = (Request(number) for number in range(requests))
        return self.run(seconds)

    def run(self, seconds: float) -> Outcome:
        self.next = next(self.fresh, None)
        if self.drop is not None:
            self.at(self.drop[0], lambda _: self.set_limit(self.drop[2]))
            self.at(self.drop[1], lambda _: self.set_limit(self.full_limit))
        if self.noise:
            self.at(self.chance.expovariate(0.2), self.stall)
        self.at(0.0, self.pump)
        while self.events and self.events[0][0] <= seconds:
            now, _, action = heapq.heappop(self.events)
            action(now)
        return self.outcome

    def set_limit(self, limit: int) -> None:
        self.window.limit = limit

    def stall(self, now: float) -> None:
        """Keep the event loop busy for a while, about every five seconds."""
        self.busy_until = now + self.chance.uniform(0.02, 0.08)
        self.at(now + self.chance.expovariate(0.2), self.stall)

    def ready_request(self, now: float) -> Request | None:
        """Return the next request in the order of asking: one that may be retried, else a new one."""
        due = [entry for entry in self.returning if entry[1].not_before <= now]
        if due:
            entry = min(due)
            self.returning.remove(entry)
            return entry[1]
        request, self.next = self.next, next(self.fresh, None)
        return request

    def waits(self, now: float) -> bool:
        return self.next is not None or any(entry[1].not_before <= now for entry in self.returning)

    def pump(self, now: float) -> None:
        if now < self.busy_until:
            self.at(self.busy_until, self.pump)
            return
        while self.free and self.waits(now) and self.pool.ready_at(now) <= now:
            request = self.ready_request(now)
            assert request is not None
            self.send(request, now)
        ready = self.pool.ready_at(now)
        if self.waits(now) and ready < math.inf and ready != self.woken_at:
            self.woken_at = ready
            late = self.chance.uniform(0.0001, 0.001) if self.noise else 0.0
            self.at(max(now, ready) + late, self.pump)

    def send(self, request: Request, now: float) -> None:
        self.free -= 1
        request.attempts += 1
        if request.attempts == 1:
            self.outcome.order.append(request.number)
        if now < request.not_before:
            self.outcome.early += 1
        ticket = self.pool.take(now)
        self.outcome.sent.append(now)
        delay = self.network(self.chance)
        if self.warm < self.connections and self.cold:
            self.warm += 1
            delay += self.cold
        flight = Flight(request, ticket, now)
        self.at(now + delay, lambda arrived: self.arrive(flight, arrived))

    def arrive(self, flight: Flight, now: float) -> None:
        admitted, server_now = self.window.admit(EPOCH + now), EPOCH + now
        (self.outcome.accepted if admitted else self.outcome.rate_limited).append(now)
        retry_after = None if admitted else self.retry_after(server_now)
        response = ServerResponse(admitted, math.floor(server_now), retry_after)
        took = (PROCESSING(self.chance) if admitted else 0.002) + self.network(self.chance)
        self.at(now + took, lambda heard: self.hear(flight, response, heard))

    def hear(self, flight: Flight, response: ServerResponse, now: float) -> None:
        self.free += 1
        self.clock.observe(response.date, sent=flight.sent, received=now)
        if response.admitted:
            self.pool.answered(flight.ticket, now)
            self.outcome.answered.append(now)
        else:
            self.retry(flight, response, now)
        self.woken_at = -1.0
        self.pump(now)

    def retry(self, flight: Flight, response: ServerResponse, now: float) -> None:
        request, wall = flight.request, EPOCH + now + self.skew
        headers = {} if response.retry_after is None else {"retry-after": response.retry_after}
        delay = rate_limit_delay(headers, self.clock, now=now, wall=wall, random=self.chance.random())
        self.pool.rate_limited(flight.ticket, now, now + delay)
        request.not_before = now + delay
        if self.retry_after is dated and EPOCH + request.not_before < response.date + 1:
            self.outcome.early += 1
        self.returning.append((request.number, request))
        self.at(request.not_before, self.pump)


def most_in_any_second(instants: Sequence[float]) -> int:
    """Return the largest number of instants within any second."""
    most, start = 0, 0
    for end, instant in enumerate(instants):
        while instants[start] <= instant - 1:
            start += 1
        most = max(most, end - start + 1)
    return most


def saturated(
    window: str, network: str, *, limit: int = 100, seconds: float = 60.0, seed: int = 1
) -> tuple[float, float, Outcome]:
    """Return the percentage of the limit used after the first second, 429s per ten thousand, and the events."""
    simulation = Simulation(WINDOWS[window](limit), NETWORKS[network], PermitPool(limit), seed=seed)
    outcome = simulation.saturate(seconds)
    return outcome.used(1.5, seconds, limit), outcome.rate_limited_per_10k, outcome
