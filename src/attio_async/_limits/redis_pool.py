"""One rate limit that several processes share, as one of them sees it. No I/O.

Permits are reserved in Redis, a few at a time, and each is bound to an instant. One that is not used then is lost, so a
process that dies takes nothing with it. While Redis does not reply, the process is offline: it uses a share of the limit
that is safe if all others do the same, and tries to rejoin.
"""

import math
from collections import deque
from collections.abc import Callable

from .governor import Governor, Ticket
from .lane import Rate
from .permits import Latency, PermitPool
from .redis_client import Caller, Piggyback, ScriptCall, ScriptReply

_LEAD_S = 0.05
"""How long before its instant a scarce permit makes it worth asking for a common one."""

_REFILL_LEVEL = 2
"""With so few permits in hand, more are reserved."""

_MAX_LATENESS_S = 0.5
"""A permit is void this long after its instant, since it may then be promised to another process."""

_SLOW_S = 0.2
"""A request counts as late if it arrived this long after its permit's instant, as far as its response tells.

Late responses are mostly late themselves. This is for connections that had to be opened, and networks that stalled.
"""

_REPLY_TIMEOUT_S = 0.3
"""Without a reply for this long, the process goes offline."""

_REJOIN_INTERVAL_S = 0.5
"""The time between attempts to rejoin: shorter than the pause after an outage, in which no process gets permits."""

_CALL_LOST_S = 5.0
"""A reply this late never comes: its event loop may be closed."""

_OFFLINE_SHARE = 0.9
"""The part of the limit that all processes together use while offline."""

_Slot = tuple[int, float]
"""A reserved permit: its number and its instant."""


class SharedRate:
    """The speed of all processes together, by the last reply.

    Attributes:
        scale: The part of the limit that the server seems to allow now.
        rate: Requests per second that are sent if there are enough of them.
        limited_at: When the last 429 of any process arrived.
    """

    __slots__ = ("_load", "_updated_at", "_window", "limited_at", "rate", "scale")

    def __init__(self, limit: int, window: float) -> None:
        self.scale = 1.0
        self.rate = Governor(limit, window).rate
        self.limited_at = -math.inf
        self._load = 0.0
        self._updated_at = -math.inf
        self._window = window

    def load(self, now: float) -> float:
        """Return the part of the allowed requests that was sent in the last window."""
        return self._load if now - self._updated_at <= self._window else 0.0

    def update(self, reply: ScriptReply, now: float) -> None:
        self.scale, self.rate = reply.scale, 1 / reply.spacing
        self.limited_at = max(self.limited_at, now - reply.last_limited)
        self._load, self._updated_at = reply.load, now


class Reservation(Ticket):
    """A ticket and the source of its permit: reserved under a number, or from the offline share.

    A reserved permit counts as used at `due` unless another instant is reported.
    """

    __slots__ = ("due", "inner", "number", "share")

    def __init__(
        self, sent: float, *, number: int = 0, due: float = 0.0, share: PermitPool | None = None
    ) -> None:
        super().__init__(sent)
        self.number = number
        self.due = due
        self.share = share
        self.inner: Ticket = self if share is None else share.take(sent)


class SharedPool:
    """At most `limit` requests of all processes together in any `window` seconds. Its methods are those of `PermitPool`.

    Args:
        bucket: The name of the limit.
        limit: Permits of all processes together.
        window: Seconds for which a used permit stays out.
        caller: Carries calls to Redis.
        processes: How many processes share the limit, until the first reply tells.
        on_change: Called after a reply, or after one that did not come.
        piggyback: Data that travels with the calls.

    Attributes:
        offline: True while Redis does not reply.
        peers: How many processes share the limit.
        pauses: The lengths of pauses that replies told of, until they are taken.
    """

    def __init__(
        self,
        bucket: str,
        limit: int,
        window: float,
        *,
        caller: Caller,
        processes: int,
        on_change: Callable[[], None],
        piggyback: Piggyback | None = None,
    ) -> None:
        self.limit = limit
        self.window = window
        self.offline = False
        self.pauses: list[float] = []
        self.peers = processes
        self._rate = SharedRate(limit, window)
        self._bucket = bucket
        self._caller = caller
        self._on_change = on_change
        self._piggyback = piggyback
        margin = Governor(limit, window).margin
        # How late any permit may be used: a round of all permits takes this much longer than a window.
        self._grace = window * margin / (1 - margin)
        self._slots: deque[_Slot] = deque()  # instants increase
        self._era: float | None = None
        self._limited: list[tuple[int, float]] = []  # 429s to report: numbers, and until when to wait
        self._late: list[tuple[int, float]] = []  # late permits to report: numbers, and by how much
        self._flying: deque[Reservation] = deque()  # in the order of their sending
        self._latency = Latency()
        self._call_number = 0
        self._called_at = math.inf  # finite while a reply is awaited
        self._rejoin_at = -math.inf
        self._clock_ahead: float | None = None  # by how much the clock of Redis is ahead of ours
        self._share = PermitPool(1)
        self._share_until = -math.inf  # infinite while offline

    @property
    def governor(self) -> Rate:
        """The speed of all processes together or, while offline, of this one."""
        return self._share.governor if self.offline else self._rate

    def ready_at(self, now: float) -> float:
        """Return when the next permit can be taken; infinity while that depends on a response or a reply."""
        self._settle(now)
        ready = math.inf
        if now < self._share_until:
            ready = self._share.ready_at(now)
            if ready >= self._share_until:
                ready = math.inf
        if self._slots:
            return min(ready, max(now, self._slots[0][1]))
        return ready if self.offline else min(ready, max(now, self._called_at + _REPLY_TIMEOUT_S))

    def reserve(self, wanted: int, now: float) -> int:
        """Ask for permits if fewer than wanted are in hand. Return how many can be used at once, or nearly."""
        self._settle(now)
        held = len(self._slots)
        if self.offline:
            self._try_to_rejoin(now)
        elif held <= _REFILL_LEVEL and wanted > held:
            self._call(now, wanted - held)
        if now < self._share_until:
            return wanted if self._share.ready_at(now) <= now + _LEAD_S else 0
        return min(wanted, sum(instant <= now + _LEAD_S for _, instant in self._slots))

    def report(self, now: float) -> None:
        """Report what there is to report at once, without asking for permits."""
        if not self.offline:
            self._call(now, 0)

    def take(self, now: float) -> Ticket:
        """Take a permit; `ready_at` must allow it."""
        if self._slots and self._slots[0][1] <= now:
            number, instant = self._slots.popleft()
            ticket = Reservation(now, number=number, due=instant)
            self._flying.append(ticket)
            if now - instant > self._grace:
                self._postpone(ticket, now)
                self.report(now)
            return ticket
        if self.offline:
            self._try_to_rejoin(now)
        return Reservation(now, share=self._share)

    def answered(self, ticket: Ticket, now: float) -> None:
        """Report a response: this request, and all that were sent before it, have reached the server."""
        assert isinstance(ticket, Reservation)  # noqa: S101 - all tickets of this pool are
        if ticket.share is not None:
            ticket.share.answered(ticket.inner, now)
        elif not ticket.returned:
            self._acknowledge(ticket, now - self._latency.learn(now - ticket.sent), now)

    def lost(self, ticket: Ticket, now: float) -> None:
        """Report a request without a response; the server may count it as late as now."""
        assert isinstance(ticket, Reservation)  # noqa: S101 - as above
        if ticket.share is not None:
            ticket.share.lost(ticket.inner, now)
        elif not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._postpone(ticket, now)
            self.report(now)

    def unsent(self, ticket: Ticket) -> None:
        """Report a request that was never sent."""
        assert isinstance(ticket, Reservation)  # noqa: S101 - as above
        if ticket.share is not None:
            ticket.share.unsent(ticket.inner)
        elif not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._slots.appendleft((ticket.number, ticket.due))

    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool:
        """Report a 429 to all processes. Return True if it is known to pause them until `until`."""
        assert isinstance(ticket, Reservation)  # noqa: S101 - as above
        if ticket.share is not None:
            return ticket.share.rate_limited(ticket.inner, now, until)
        if not ticket.returned:
            self._acknowledge(ticket, now - self._latency.reach(), now)
        self._rate.limited_at = now
        self._limited.append((ticket.number, until))
        self.report(now)
        return False

    def _acknowledge(self, ticket: Reservation, arrived: float, now: float) -> None:
        while not ticket.returned:
            earlier = self._flying.popleft()
            earlier.returned = True
            if arrived - earlier.due > _SLOW_S:
                self._postpone(earlier, arrived)
        if self._late:
            self.report(now)

    def _postpone(self, ticket: Reservation, instant: float) -> None:
        """Note that a permit was used at this instant instead of its own."""
        self._late.append((ticket.number, instant - ticket.due))
        ticket.due = instant

    def _settle(self, now: float) -> None:
        """Drop permits that are void, and go offline when a reply is overdue."""
        while self._slots and self._slots[0][1] < now - _MAX_LATENESS_S:
            self._slots.popleft()
        if now >= self._called_at + _CALL_LOST_S:
            self._called_at = math.inf
            self._call_number += 1
        if not self.offline and now >= self._called_at + _REPLY_TIMEOUT_S:
            self._go_offline(now)

    def _go_offline(self, now: float) -> None:
        """Use a share of the limit, without a burst to begin with."""
        self.offline = True
        self._rejoin_at = now + _REJOIN_INTERVAL_S
        rate = self.limit / self.window * self._rate.scale * _OFFLINE_SHARE / self.peers
        permits = max(1, int(rate * self.window))
        self._share = PermitPool(permits, window=permits / rate)
        self._share.restart(now)
        self._share_until = math.inf
        for reports in (self._limited, self._late, self._slots):
            reports.clear()

    def _try_to_rejoin(self, now: float) -> None:
        if now >= self._rejoin_at:
            self._rejoin_at = now + _REJOIN_INTERVAL_S
            self._call(now, 0)

    def _call(self, now: float, wanted: int) -> None:
        """Call Redis, unless a reply is awaited: then `_on_reply` sends what is left."""
        if self._called_at < math.inf:
            return
        limited, self._limited = self._limited, []
        late, self._late = self._late, []
        call = ScriptCall(
            limit=self.limit,
            window=self.window,
            process=self._caller.process,
            at=0.0 if self._clock_ahead is None else now + self._clock_ahead,
            wanted=wanted,
            rejoining=self.offline,
            rate_limited=[(number, max(0.0, until - now)) for number, until in limited],
            late=late,
        )
        if self._piggyback is not None:
            call = self._piggyback.attach(call, now)
        self._called_at = now
        self._call_number += 1
        number = self._call_number
        self._caller.call(self._bucket, call, lambda reply, at: self._on_reply(number, reply, at))

    def _on_reply(self, number: int, reply: ScriptReply | None, now: float) -> None:
        if number != self._call_number:
            return  # given up before it came
        self._called_at = math.inf
        if reply is None:
            if not self.offline:
                self._go_offline(now)
            self._on_change()
            return
        self._clock_ahead = reply.now - now
        if reply.stale:  # the call took too long, or the clock of Redis was set
            self._call(now, 0)
            self._on_change()
            return
        self._learn(reply, now)
        if self._piggyback is not None:
            self._piggyback.receive(reply, now)
        if self._limited or self._late:
            self._call(now, 0)
        self._on_change()

    def _learn(self, reply: ScriptReply, now: float) -> None:
        if self.offline:
            self.offline = False
            self._share_until = now + reply.resumes
        if reply.era != self._era:
            self._slots.clear()
            if self._era is not None and reply.pause > 0:
                self.pauses.append(reply.pause)
            self._era = reply.era
        self.peers = reply.peers
        self._rate.update(reply, now)
        self._slots.extend((number, now + wait) for number, wait in reply.slots)
