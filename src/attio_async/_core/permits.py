"""A pool of permits for one rate limit, without I/O: N tokens, each back a second after its use, paced.

What makes it differ from a token bucket is what the server counts: arrivals, not departures. A permit is
given back one window after its request *arrived*, as far as the answer tells, so no window of the server
ever sees more than N, whatever kind of window it is. Permits come back one spacing apart, so a burst after
an idle time is not followed by another burst.
"""

import math
from collections import deque

__all__ = ["PermitPool", "Ticket"]

_KNOWN_LATENCY = 20
"""Answers after which the latency estimate is good enough to date arrivals with."""


class Ticket:
    """One permit that is out, from the moment it was granted."""

    __slots__ = ("returned", "sent")

    def __init__(self, sent: float) -> None:
        self.sent = sent
        self.returned = False


class PermitPool:
    """At most `limit` requests in any `window` seconds, paced to a margin below it.

    The margin follows the square root of the limit, since that is how the number of jittered arrivals in a
    window scatters: 4 % at 100 per second, 8 % at 25.

    All instants are monotonic seconds. The caller says what happened to each ticket exactly once: `answered`,
    `lost` or `untaken`, and `refused` before `answered` where the answer was a 429.
    """

    __slots__ = (
        "_available",
        "_deviation",
        "_epoch",
        "_flying",
        "_last_return",
        "_latency",
        "_next_ideal",
        "_paused_until",
        "_recent_refusals",
        "_returns",
        "_samples",
        "limit",
        "spacing",
        "window",
    )

    def __init__(self, limit: int, *, window: float = 1.0) -> None:
        self.limit = limit
        self.window = window
        self.spacing = window / (limit * (1 - 0.4 / math.sqrt(limit)))
        self._available = limit
        self._returns: deque[float] = deque()  # increasing
        self._last_return = float("-inf")
        self._flying: deque[Ticket] = deque()  # in the order of their sending
        self._next_ideal = float("-inf")
        self._paused_until = float("-inf")
        self._recent_refusals: deque[float] = deque()
        self._epoch = float("-inf")  # when we last reacted to refusals
        self._latency = self._deviation = 0.0
        self._samples = 0

    @property
    def dense(self) -> int:
        """How many refusals within one window mean more than jitter: five at 100 per second, three at 25."""
        return max(3, round(0.05 * self.limit))

    def ready_at(self, now: float) -> float:
        """When the next permit can be taken; infinity while that depends on an answer still to come."""
        self._collect(now)
        if self._available:
            ready = now
        elif self._returns:
            ready = self._returns[0]
        else:
            return math.inf
        burst_allowed = self._next_ideal - (self.limit - 1) * self.spacing
        return max(ready, burst_allowed, self._paused_until)

    def take(self, now: float) -> Ticket:
        """Take a permit, which `ready_at` has to allow."""
        self._available -= 1
        self._next_ideal = max(self._next_ideal, now) + self.spacing
        ticket = Ticket(now)
        self._flying.append(ticket)
        return ticket

    def answered(self, ticket: Ticket, now: float) -> None:
        """The answer to this request arrived, so it and all that were sent before it have reached the server."""
        if ticket.returned:
            return
        reach = self._latency + 2 * self._deviation if self._samples >= _KNOWN_LATENCY else 0.0
        self._learn(now - ticket.sent)
        while self._flying:
            earlier = self._flying.popleft()
            self._give_back(earlier, max(earlier.sent, now - reach) + self.window)
            if earlier is ticket:
                break

    def lost(self, ticket: Ticket, now: float) -> None:
        """No answer arrived; the server may count the request as late as now."""
        if not ticket.returned:
            self._flying.remove(ticket)
            self._give_back(ticket, now + self.window)

    def untaken(self, ticket: Ticket) -> None:
        """The request was never sent."""
        if not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._available += 1
            self._next_ideal -= self.spacing

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        """A 429 arrived for this request. Whether that pauses the pool until `until`.

        An isolated refusal is jitter and concerns its own request only. Several within a window mean that
        the server's limit is reached, and then nothing is sent until it says so.
        """
        if ticket.sent <= self._epoch:  # sent before our last reaction: it tells nothing new
            return False
        self._recent_refusals.append(now)
        while self._recent_refusals[0] <= now - self.window:
            self._recent_refusals.popleft()
        if len(self._recent_refusals) < self.dense:
            return False
        self._epoch = now
        self._recent_refusals.clear()
        self._pause(now, until)
        return True

    def _pause(self, now: float, until: float) -> None:
        """Bring every permit that would be back by then back from then on, one spacing apart: no saved-up burst."""
        self._collect(now)
        self._paused_until = max(self._paused_until, until)
        waiting = [self._paused_until] * self._available + list(self._returns)
        self._available = 0
        self._returns.clear()
        self._last_return = self._paused_until - self.spacing
        for instant in sorted(waiting):
            self._schedule(instant)

    def _give_back(self, ticket: Ticket, instant: float) -> None:
        ticket.returned = True
        self._schedule(instant)

    def _schedule(self, instant: float) -> None:
        self._last_return = max(instant, self._last_return + self.spacing)
        self._returns.append(self._last_return)

    def _collect(self, now: float) -> None:
        while self._returns and self._returns[0] <= now:
            self._returns.popleft()
            self._available += 1

    def _learn(self, latency: float) -> None:
        self._samples += 1
        gain = max(0.02, 1 / self._samples)
        error = latency - self._latency
        self._latency += gain * error
        self._deviation += gain * (abs(error) - self._deviation)
