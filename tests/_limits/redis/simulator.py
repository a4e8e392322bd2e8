"""Processes that share a limit against a strict server, in virtual time. Their pools are real, Redis is the model."""

import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence

import attrs

from attio_async._limits.governor import Ticket
from attio_async._limits.redis_client import OnReply, ScriptCall, ScriptReply
from attio_async._limits.redis_pool import SharedPool
from tests._limits.redis.script_model import SharedModel
from tests._limits.windows import (
    NETWORKS,
    PROCESSING,
    Delay,
    Window,
)

EPOCH = 1_767_225_600.0
REDIS = "killed", "frozen"


def jain(counts: Sequence[float]) -> float:
    """Return 1 if all counts are equal, 1/n if one has everything."""
    return sum(counts) ** 2 / (len(counts) * sum(count**2 for count in counts))


class Process:
    """One process that always or never has something to send, and the caller of its pool."""

    def __init__(self, world: "World", number: int, busy: int) -> None:
        self.world, self.process, self.number = world, str(number), number
        self.waiting = busy
        self.returning: list[float] = []  # when rate-limited requests may be retried
        self.accepted: list[float] = []
        self.calls = 0
        self.early = 0
        self.woken_at = -1.0
        limit = world.limit
        self.pool = SharedPool("read", limit, 1.0, caller=self, processes=1, on_change=self.on_change)

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        self.calls += 1
        self.world.to_redis(bucket, call, on_reply)

    def on_change(self) -> None:
        self.pump(self.world.now)

    def wake(self, now: float) -> None:
        self.woken_at = -1.0
        self.pump(now)

    def pump(self, now: float) -> None:
        waiting = self.waiting + sum(instant <= now for instant in self.returning)
        while waiting and self.pool.ready_at(now) <= now:
            self.send(now)
            waiting = self.waiting + sum(instant <= now for instant in self.returning)
        if not waiting:
            return
        self.pool.reserve(waiting, now)
        ready = min(self.pool.ready_at(now), now + 1.0)
        if ready != self.woken_at:
            self.woken_at = ready
            self.world.at(max(ready, now) + self.world.chance.uniform(0.0001, 0.001), self.wake)

    def send(self, now: float) -> None:
        due = [instant for instant in self.returning if instant <= now]
        if due:
            self.returning.remove(min(due))
        ticket = self.pool.take(now)
        self.world.at(now + self.world.network(self.world.chance), lambda at: self.arrive(ticket, at))

    def arrive(self, ticket: Ticket, now: float) -> None:
        world = self.world
        admitted = world.window.admit(EPOCH + now)
        (self.accepted if admitted else world.rate_limited).append(now)
        world.arrived.append(now)
        took = (PROCESSING(world.chance) if admitted else 0.002) + world.network(world.chance)
        until = math.floor(now) + 1.0
        world.at(now + took, lambda at: self.hear(ticket, until, at, admitted=admitted))

    def hear(self, ticket: Ticket, until: float, now: float, *, admitted: bool) -> None:
        if admitted:
            self.pool.answered(ticket, now)
        else:
            until = max(until, now) + self.world.chance.uniform(0, 0.02)
            self.pool.rate_limited(ticket, now, until)
            self.returning.append(until)
            self.world.at(until, self.pump)
        self.pump(now)


@attrs.define(slots=False)
class World:
    """Several processes, one server and one Redis.

    Attributes:
        busy: How many requests each process has waiting all the time.
        away: When Redis does not reply, and how: "killed" rejects calls at once and comes back without its data, "frozen"
            does not reply within the timeout.
        drop: Lowers the limit for a while: (start, end, limit).
    """

    window: Window
    busy: Sequence[int]
    network: Delay = NETWORKS["j30"]
    seed: int = 1
    away: tuple[float, float, str] | None = None
    drop: tuple[float, float, int] | None = None
    rate_limited: list[float] = attrs.field(factory=list)
    arrived: list[float] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.redis = SharedModel()
        self.limit = self.window.limit
        self.now = 0.0
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.numbers = itertools.count()
        self.processes = [Process(self, number, busy) for number, busy in enumerate(self.busy)]

    def at(self, instant: float, action: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (instant, next(self.numbers), action))

    def to_redis(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        there = self.now + self.chance.uniform(0.0002, 0.002)
        self.at(there, lambda at: self.redis_hears(bucket, call, on_reply, at))

    def redis_hears(self, bucket: str, call: ScriptCall, on_reply: OnReply, now: float) -> None:
        reply: ScriptReply | None = None
        back = self.chance.uniform(0.0002, 0.002)
        if self.away is not None and self.away[0] <= now < self.away[1]:
            if self.away[2] == "killed":
                self.redis.buckets.clear()
            else:
                back = 0.25
                self.at(self.away[1], lambda at: self.too_late(bucket, call, at))
        else:
            reply = self.redis.reply(bucket, call, EPOCH + now)
        self.at(now + back, lambda at: on_reply(reply, at))

    def too_late(self, bucket: str, call: ScriptCall, now: float) -> None:
        """Carry out a call that arrived while Redis was frozen."""
        self.redis.reply(bucket, call, EPOCH + now)

    def set_limit(self, limit: int) -> None:
        self.window.limit = limit

    def run(self, seconds: float) -> "World":
        if self.drop is not None:
            lowered = self.drop
            self.at(lowered[0], lambda _: self.set_limit(lowered[2]))
            self.at(lowered[1], lambda _: self.set_limit(self.limit))
        for process in self.processes:
            self.at(self.chance.uniform(0, 0.2), process.wake)
        while self.events and self.events[0][0] < seconds:
            self.now, _, action = heapq.heappop(self.events)
            action(self.now)
        return self

    def accepted_between(self, start: float, end: float) -> int:
        return sum(start <= instant < end for each in self.processes for instant in each.accepted)

    def rate(self, start: float, end: float) -> float:
        return self.accepted_between(start, end) / (end - start)

    def per_second(self, start: int, end: int) -> list[int]:
        return [self.accepted_between(second, second + 1) for second in range(start, end)]

    @property
    def fairness(self) -> float:
        return jain([len(each.accepted) for each in self.processes if each.waiting])

    @property
    def calls_per_request(self) -> float:
        return sum(each.calls for each in self.processes) / len(self.arrived)
