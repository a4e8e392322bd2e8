"""The model of permits.lua, in terms of the permit pool and the governor that a single process uses."""

import copy
import math

from attio_async._limits.governor import Ticket
from attio_async._limits.permits import PermitPool
from attio_async._limits.redis_client import ScriptCall, ScriptReply

HORIZON_S, MAX_AHEAD = 0.5, 4
FIRST_ROUND, STALE_S, CALM_S = 1.15, 1.0, 60.0
PEER_TIMEOUT_S, RESUME_S, OUTAGE_S, MAX_CLOCK_STEP_S = 10.0, 1.0, 0.75, 0.5


class _Bucket:
    def __init__(self, limit: int, window: float, now: float) -> None:
        self.pool = PermitPool(limit, window=window)
        self.pool._pause(now, now)
        self.pool.governor._next_step = now + CALM_S
        slower = [now + (instant - now) * FIRST_ROUND for instant in self.pool._returns]
        self.pool._returns.clear()
        self.pool._returns.extend(slower)
        self.pool._last_return = slower[-1]
        self.numbered = math.floor(now * 1000)
        self.numbers: dict[int, Ticket] = {}
        self.era = self.seen = now
        self.resumed_at = self.score_until = -math.inf
        self.score_limited_count = 0
        self.peers: dict[str, float] = {}
        self.queried: dict[str, float] = {}

    def restart(self, start: float, now: float) -> None:
        self.pool._available = self.pool.limit
        self.pool._returns.clear()
        self.pool._pause(now, start)
        self.era = now

    def take(self, at: float) -> int:
        pool = self.pool
        pool.available(at)
        ticket = pool.take(at)
        self.numbered += 1
        self.numbers[self.numbered] = ticket
        for number in list(self.numbers)[: -(pool.governor.log.maxlen or 0)]:
            del self.numbers[number]
        ticket.returned = True
        pool._flying.clear()
        pool._schedule(at + self.out_for())
        return self.numbered

    def out_for(self) -> float:
        governor, window = self.pool.governor, self.pool.window
        return max(window / (1 - governor.margin), window + governor.guard)

    def late(self, number: int, by: float) -> None:
        ticket, out = self.numbers.get(number), self.out_for()
        if ticket is None or ticket.rate_limited:
            return
        sent, ticket.sent = ticket.sent, ticket.sent + by
        returns = self.pool._returns
        place = next((place for place, instant in enumerate(returns) if instant >= sent + out), None)
        if place is not None:
            del returns[place]
            self.pool._schedule(ticket.sent + self.pool.window + self.pool.governor.guard)

    def reserve(self, wanted: int, now: float) -> list[tuple[int, float]]:
        slots: list[tuple[int, float]] = []
        ahead = 0
        if wanted > 0 and self.pool.governor.succeeded(now):
            last = next(reversed(self.numbers.values())).sent if self.numbers else now
            self.pool._tighten(max(now, last) + self.out_for())
        while len(slots) < wanted and ahead < MAX_AHEAD:
            at = self.pool.ready_at(now)
            if slots and at > now + HORIZON_S:
                break
            ahead += at > now
            slots.append((self.take(at), at - now))
        return slots

    def rate_limited(self, number: int, delay: float, now: float) -> None:
        pool, ticket = self.pool, self.numbers.get(number) or Ticket(now)
        ticket.returned = True
        if pool.rate_limited(ticket, now, now + delay):
            self.era = now


class SharedModel:
    """Replies to calls about any number of buckets, at given instants."""

    def __init__(self) -> None:
        self.buckets: dict[str, _Bucket] = {}

    def reply(self, name: str, call: ScriptCall, now: float) -> ScriptReply:
        bucket = self.buckets.get(name)
        is_new = bucket is None or now < bucket.seen - MAX_CLOCK_STEP_S
        if bucket is None or is_new:
            bucket = _Bucket(call.limit, call.window, now)
        if call.at > 0 and now - call.at > STALE_S:
            return self.reply_about(copy.deepcopy(bucket), call, now, slots=[], stale=True)
        self.buckets[name] = bucket
        if call.rejoining and (is_new or now - bucket.seen > OUTAGE_S):
            bucket.resumed_at = now + RESUME_S
            bucket.restart(bucket.resumed_at, now)
        bucket.seen = now
        for number, by in call.late:
            bucket.late(number, by)
        for number, delay in call.rate_limited:
            bucket.rate_limited(number, delay, now)
        if call.score_limited >= 0:
            bucket.score_limited_count += 1
            bucket.score_until = max(bucket.score_until, now + call.score_limited)
        if call.queried:
            bucket.queried[call.process] = now
        slots = bucket.reserve(call.wanted, now)
        return self.reply_about(bucket, call, now, slots=slots, stale=False)

    def reply_about(
        self, bucket: _Bucket, call: ScriptCall, now: float, *, slots: list[tuple[int, float]], stale: bool
    ) -> ScriptReply:
        bucket.peers[call.process] = now
        for names in (bucket.peers, bucket.queried):
            for each, seen in list(names.items()):
                if seen < now - PEER_TIMEOUT_S:
                    del names[each]
        others = [at for each, at in bucket.queried.items() if each != call.process]
        governor = bucket.pool.governor
        return ScriptReply(
            now=now,
            stale=stale,
            era=bucket.era,
            pause=bucket.pool._paused_until - now,
            resumes=bucket.resumed_at - now,
            scale=governor.scale,
            spacing=governor.spacing,
            load=governor.load(now),
            last_limited=now - governor.limited_at,
            peers=len(bucket.peers),
            score_limited_count=bucket.score_limited_count,
            score_pause=bucket.score_until - now,
            queried=now - max(others, default=-math.inf),
            slots=slots,
        )
