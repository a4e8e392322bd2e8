"""One rate limit that many processes share, as one of them sees it. Without I/O.

Permits are reserved a few at a time with whoever keeps the limit for all, and each is bound to an instant: what is not
used then is lost, so a process that dies takes nothing with it. When no answer comes, the process goes on with a
share of the limit that would be safe if all others did the same, governed as ever, and tries to come back.
"""

import math
from collections import deque
from collections.abc import Callable

from ..governor import Governor, Ticket
from ..limiter import Rate
from ..permits import Latency, PermitPool
from .protocol import (
    Caller,
    Rider,
    ScriptCall,
    ScriptReply,
)


class SharedRate:
    """How fast all processes together may go, by the last answer.

    Attributes:
        scale: The part of the limit that the server seems to allow now.
        rate: Requests per second that are sent when there are enough of them.
        refused_at: When the last refusal arrived, anywhere.
    """

    __slots__ = ("_heard_at", "_load", "_window", "rate", "refused_at", "scale")

    def __init__(self, limit: int, window: float) -> None:
        self.scale = 1.0
        self.rate = Governor(limit, window).rate
        self.refused_at = -math.inf
        self._load = 0.0
        self._heard_at = -math.inf
        self._window = window

    def load(self, now: float) -> float:
        """What was sent in the last window, as a part of what may be."""
        return self._load if now - self._heard_at <= self._window else 0.0

    def hear(self, answer: ScriptReply, now: float) -> None:
        self.scale, self.rate = answer.scale, 1 / answer.spacing
        self.refused_at = max(self.refused_at, now - answer.refused)
        self._load, self._heard_at = answer.load, now


_LEAD = 0.05


"""Seconds before its instant in which a scarce permit makes it worth asking for a common one."""


_REFILL = 2


"""So few permits in hand make it time to ask for more."""


_TOO_LATE = 0.5


"""Seconds after its instant in which a permit may be used at all: later, it may be promised to somebody else."""


_SLOW = 0.2


"""Seconds after its instant from which on a request counts as having arrived late, as far as its answer tells.

Answers that come late are mostly late themselves; this is for connections that had to be made, and networks that stalled.
"""


_PATIENCE = 0.3


"""Seconds without an answer after which this process goes on alone."""


_TRY_AGAIN = 0.5


"""Seconds between attempts to come back. Shorter than the pause in which nobody gets permits after an outage."""


_GIVEN_UP = 5.0


"""Seconds after which an answer will never come: its event loop was closed, perhaps."""


_SAFE_SHARE = 0.9


"""The part of the limit that all processes use together when nobody counts for them."""


_Slot = tuple[int, float]


"""A permit: its number, and its instant."""


class _Loan(Ticket):
    """A ticket, and where its permit is from: reserved under a number, or taken from the share of an outage.

    Its permit counts as used at `due`, if nothing else is told.
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
    """At most `limit` requests in any `window` seconds of all processes together.

    Args:
        bucket: What they share.
        limit: Permits.
        window: Seconds for which each is used up.
        caller: Reaches who keeps the limit.
        processes: How many share it, as long as no answer told.
        changed: Called when an answer, or the lack of one, changed what there is.
        rider: What goes along.

    Attributes:
        away: Whether this process goes on alone, because it got no answer.
        peers: How many processes share the limit.
        pauses: For how many seconds all had to pause, each time that it was heard of; emptied by who reports it.
    """

    def __init__(
        self,
        bucket: str,
        limit: int,
        window: float,
        *,
        caller: Caller,
        processes: int,
        changed: Callable[[], None],
        rider: Rider | None = None,
    ) -> None:
        self.limit = limit
        self.window = window
        self.away = False
        self.pauses: list[float] = []
        self.peers = processes
        self._rate = SharedRate(limit, window)
        self._bucket = bucket
        self._caller = caller
        self._changed = changed
        self._rider = rider
        margin = Governor(limit, window).margin
        self._grace = (
            window * margin / (1 - margin)
        )  # by which any permit may be late: a round of all takes longer
        self._slots: deque[_Slot] = deque()  # instants increase
        self._era: float | None = None
        self._refusals: list[tuple[int, float]] = []  # not told yet: numbers, and until when to wait
        self._late: list[tuple[int, float]] = []  # not told yet: numbers, and by how much
        self._flying: deque[_Loan] = deque()  # in the order of their sending
        self._latency = Latency()
        self._calls = 0
        self._called_at = math.inf  # finite while an answer is out
        self._try_at = -math.inf
        self._ahead: float | None = None  # by how much the clock of who answers is ahead of ours
        self._share = PermitPool(1)
        self._share_until = -math.inf  # infinite while away

    @property
    def governor(self) -> Rate:
        """How fast it goes: all processes together, or this one alone."""
        return self._share.governor if self.away else self._rate

    def ready_at(self, now: float) -> float:
        """When the next permit can be taken; infinity while that depends on something still to come."""
        self._settle(now)
        ready = math.inf
        if now < self._share_until:
            ready = self._share.ready_at(now)
            if ready >= self._share_until:
                ready = math.inf
        if self._slots:
            return min(ready, max(now, self._slots[0][1]))
        return ready if self.away else min(ready, max(now, self._called_at + _PATIENCE))

    def want(self, wanted: int, now: float) -> int:
        """Ask for permits, if there are fewer in hand than wanted. How many can be used at once, or nearly."""
        self._settle(now)
        held = len(self._slots)
        if self.away:
            self._try_to_come_back(now)
        elif held <= _REFILL and wanted > held:
            self._call(now, wanted - held)
        if now < self._share_until:
            return wanted if self._share.ready_at(now) <= now + _LEAD else 0
        return min(wanted, sum(instant <= now + _LEAD for _, instant in self._slots))

    def tell(self, now: float) -> None:
        """Say at once what there is to say, without asking for anything."""
        if not self.away:
            self._call(now, 0)

    def take(self, now: float) -> Ticket:
        """Take a permit, which `ready_at` has to allow."""
        if self._slots and self._slots[0][1] <= now:
            number, instant = self._slots.popleft()
            ticket = _Loan(now, number=number, due=instant)
            self._flying.append(ticket)
            if now - instant > self._grace:
                self._put_off(ticket, now)
                self.tell(now)
            return ticket
        if self.away:
            self._try_to_come_back(now)
        return _Loan(now, share=self._share)

    def answered(self, ticket: Ticket, now: float) -> None:
        """The answer to this request arrived, so it and all that were sent before it have reached the server."""
        assert isinstance(ticket, _Loan)  # noqa: S101 - all tickets of this pool are
        if ticket.share is not None:
            ticket.share.answered(ticket.inner, now)
        elif not ticket.returned:
            self._acknowledge(ticket, now - self._latency.learn(now - ticket.sent), now)

    def lost(self, ticket: Ticket, now: float) -> None:
        """No answer arrived; the server may count the request as late as now."""
        assert isinstance(ticket, _Loan)  # noqa: S101 - as above
        if ticket.share is not None:
            ticket.share.lost(ticket.inner, now)
        elif not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._put_off(ticket, now)
            self.tell(now)

    def untaken(self, ticket: Ticket) -> None:
        """The request was never sent."""
        assert isinstance(ticket, _Loan)  # noqa: S101 - as above
        if ticket.share is not None:
            ticket.share.untaken(ticket.inner)
        elif not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._slots.appendleft((ticket.number, ticket.due))

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        """A 429 arrived for this request, which is told to all. Whether that is known to pause them until `until`."""
        assert isinstance(ticket, _Loan)  # noqa: S101 - as above
        if ticket.share is not None:
            return ticket.share.refused(ticket.inner, now, until)
        if not ticket.returned:
            self._acknowledge(ticket, now - self._latency.reach(), now)
        self._rate.refused_at = now
        self._refusals.append((ticket.number, until))
        self.tell(now)
        return False

    def _acknowledge(self, ticket: _Loan, arrived: float, now: float) -> None:
        while not ticket.returned:
            earlier = self._flying.popleft()
            earlier.returned = True
            if arrived - earlier.due > _SLOW:
                self._put_off(earlier, arrived)
        if self._late:
            self.tell(now)

    def _put_off(self, ticket: _Loan, instant: float) -> None:
        """A permit was not used at its instant but at this one."""
        self._late.append((ticket.number, instant - ticket.due))
        ticket.due = instant

    def _settle(self, now: float) -> None:
        """Drop permits whose instant is over, and go on alone when an answer is overdue."""
        while self._slots and self._slots[0][1] < now - _TOO_LATE:
            self._slots.popleft()
        if now >= self._called_at + _GIVEN_UP:
            self._called_at = math.inf
            self._calls += 1
        if not self.away and now >= self._called_at + _PATIENCE:
            self._go_alone(now)

    def _go_alone(self, now: float) -> None:
        """Use a share of the limit, without a burst to begin with."""
        self.away = True
        self._try_at = now + _TRY_AGAIN
        rate = self.limit / self.window * self._rate.scale * _SAFE_SHARE / self.peers
        permits = max(1, int(rate * self.window))
        self._share = PermitPool(permits, window=permits / rate)
        self._share.restart(now)
        self._share_until = math.inf
        for told in (self._refusals, self._late, self._slots):
            told.clear()

    def _try_to_come_back(self, now: float) -> None:
        if now >= self._try_at:
            self._try_at = now + _TRY_AGAIN
            self._call(now, 0)

    def _call(self, now: float, wanted: int) -> None:
        """Call, unless an answer is out: then `_hear` sees to what is left."""
        if self._called_at < math.inf:
            return
        refused, self._refusals = self._refusals, []
        late, self._late = self._late, []
        call = ScriptCall(
            limit=self.limit,
            window=self.window,
            process=self._caller.process,
            at=0.0 if self._ahead is None else now + self._ahead,
            wanted=wanted,
            back=self.away,
            refusals=[(number, max(0.0, until - now)) for number, until in refused],
            late=late,
        )
        if self._rider is not None:
            call = self._rider.board(call, now)
        self._called_at = now
        self._calls += 1
        number = self._calls
        self._caller.call(self._bucket, call, lambda answer, at: self._hear(number, answer, at))

    def _hear(self, number: int, answer: ScriptReply | None, now: float) -> None:
        if number != self._calls:
            return  # given up before it came
        self._called_at = math.inf
        if answer is None:
            if not self.away:
                self._go_alone(now)
            self._changed()
            return
        self._ahead = answer.now - now
        if answer.stale:  # too late for anybody, or its clock was set
            self._call(now, 0)
            self._changed()
            return
        self._learn(answer, now)
        if self._rider is not None:
            self._rider.alight(answer, now)
        if self._refusals or self._late:
            self._call(now, 0)
        self._changed()

    def _learn(self, answer: ScriptReply, now: float) -> None:
        if self.away:
            self.away = False
            self._share_until = now + answer.resumes
        if answer.era != self._era:
            self._slots.clear()
            if self._era is not None and answer.pause > 0:
                self.pauses.append(answer.pause)
            self._era = answer.era
        self.peers = answer.peers
        self._rate.hear(answer, now)
        self._slots.extend((number, now + wait) for number, wait in answer.slots)
