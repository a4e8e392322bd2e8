"""A pool of permits for one rate limit: N tokens, each back a window after its use, paced. No I/O.

A server counts arrivals, a token bucket counts departures. So a permit comes back one window after its request
*arrived*, as far as the response tells. No window of the server then sees more than N requests, whatever kind of window
it is. Permits come back one spacing apart, so that a burst after an idle time is not followed by another. The governor
sets the spacing.
"""

import math
from collections import deque

from .governor import Governor, Ticket

_MIN_SAMPLES = 20
"""Responses after which the estimate of the latency is good enough to date arrivals."""

_MIN_GAIN = 0.02
"""The weight of one response in that estimate, which follows the network over the last fifty."""


class Latency:
    """An estimate of how long responses take, and so of how long before its response a request arrived."""

    __slots__ = ("_deviation", "_mean", "_samples")

    def __init__(self) -> None:
        self._mean = self._deviation = 0.0
        self._samples = 0

    def learn(self, latency: float) -> float:
        """Learn from a response. Return the reach as it was before."""
        reach = self._mean + 2 * self._deviation if self._samples >= _MIN_SAMPLES else 0.0
        self._samples += 1
        gain = max(_MIN_GAIN, 1 / self._samples)
        error = latency - self._mean
        self._mean += gain * error
        self._deviation += gain * (abs(error) - self._deviation)
        return reach

    def reach(self) -> float:
        """Return how many seconds before its response a request arrived; 0 while too few responses are known."""
        return self._mean + 2 * self._deviation if self._samples >= _MIN_SAMPLES else 0.0


class PermitPool:
    """At most `limit` requests in any `window` seconds, paced to a margin below it.

    All instants are monotonic seconds. The caller reports each ticket exactly once: as `answered`, `lost`, `unsent`,
    or `rate_limited` if the response was a 429.
    """

    __slots__ = (
        "_available",
        "_flying",
        "_last_return",
        "_latency",
        "_next_ideal",
        "_paused_until",
        "_returns",
        "governor",
        "limit",
        "window",
    )

    def __init__(self, limit: int, *, window: float = 1.0) -> None:
        self.limit = limit
        self.window = window
        self.governor = Governor(limit, window)
        self._available = limit
        self._returns: deque[float] = deque()  # increasing
        self._last_return = -math.inf
        self._flying: deque[Ticket] = deque()  # in the order of their sending
        self._next_ideal = -math.inf
        self._paused_until = -math.inf
        self._latency = Latency()

    @property
    def spacing(self) -> float:
        """Seconds between two permits that come back."""
        return self.governor.spacing

    def available(self, now: float) -> int:
        """Return how many permits are at hand."""
        self._collect(now)
        return self._available

    def ready_at(self, now: float) -> float:
        """Return when the next permit can be taken; infinity while that depends on a response."""
        returns = self._returns
        if returns and returns[0] <= now:
            self._collect(now)
        if self._available:
            ready = now
        elif returns:
            ready = returns[0]
        else:
            return math.inf
        return max(ready, self._next_ideal - self.governor.lead, self._paused_until)

    def take(self, now: float) -> Ticket:
        """Take a permit; `ready_at` must allow it."""
        governor = self.governor
        if governor.measuring:
            governor.measure(now)
            self._spread()
        self._available -= 1
        self._next_ideal = max(self._next_ideal, now) + governor.spacing
        ticket = Ticket(now)
        self._flying.append(ticket)
        governor.log.append(ticket)
        return ticket

    def answered(self, ticket: Ticket, now: float) -> None:
        """Report a response: this request, and all that were sent before it, have reached the server."""
        if not ticket.returned:
            self._acknowledge(ticket, now - self._latency.learn(now - ticket.sent))
        if self.governor.succeeded(now):
            self._tighten(now + self.window + self.governor.guard)

    def lost(self, ticket: Ticket, now: float) -> None:
        """Report a request without a response; the server may count it as late as now."""
        if not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._schedule(now + self.window + self.governor.guard)

    def unsent(self, ticket: Ticket) -> None:
        """Report a request that was never sent."""
        if not ticket.returned:
            self._flying.remove(ticket)
            ticket.sent = -math.inf  # in the log of the governor, no window counts it
            ticket.returned = True
            self._available += 1
            self._next_ideal -= self.spacing

    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool:
        """Report a 429. Return True if it pauses the pool until `until`.

        An isolated 429 is jitter and concerns its own request only. Several within a window mean that the server's
        limit is reached: nothing is sent until it says so.
        """
        spacing = self.spacing
        paused = self.governor.rate_limited(ticket, now, until)
        if not ticket.returned:
            # A 429 says nothing about the latency: the server rejects faster than it answers.
            self._acknowledge(ticket, now - self._latency.reach())
        if paused:
            self._pause(now, until)
        elif self.spacing > spacing:
            self._spread()
        return paused

    def restart(self, now: float) -> None:
        """Return every permit at hand from now on, one spacing apart, so that no burst is sent."""
        self._pause(now, now)

    def _acknowledge(self, ticket: Ticket, arrived: float) -> None:
        flying, returns, governor = self._flying, self._returns, self.governor
        out, spacing, last = self.window + governor.guard, governor.spacing, self._last_return
        while flying:
            earlier = flying.popleft()
            earlier.returned = True
            last = max(max(earlier.sent, arrived) + out, last + spacing)
            returns.append(last)
            if earlier is ticket:
                break
        self._last_return = last

    def _pause(self, now: float, until: float) -> None:
        """Return every permit due by `until` from then on, one spacing apart: no burst is saved up."""
        self._collect(now)
        self._paused_until = max(self._paused_until, until)
        waiting = [self._paused_until] * self._available
        waiting += [max(instant, self._paused_until) for instant in self._returns]
        self._available = 0
        self._reschedule(waiting)

    def _spread(self) -> None:
        """Return the permits that are out no closer together than the spacing is now."""
        self._reschedule(list(self._returns))

    def _tighten(self, earliest: float) -> None:
        """Return permits that were spread for a lower rate sooner; those due later than `earliest` not before it."""
        earliest = max(earliest, self._paused_until)
        spacing, last = self.governor.spacing, -math.inf
        for place, instant in enumerate(self._returns):
            last = self._returns[place] = min(instant, max(earliest, last + spacing))
        if self._returns:
            self._last_return = last

    def _reschedule(self, instants: list[float]) -> None:
        self._returns.clear()
        if instants:
            self._last_return = instants[0] - self.spacing
        for instant in instants:
            self._schedule(instant)

    def _schedule(self, instant: float) -> None:
        self._last_return = max(instant, self._last_return + self.governor.spacing)
        self._returns.append(self._last_return)

    def _collect(self, now: float) -> None:
        while self._returns and self._returns[0] <= now:
            self._returns.popleft()
            self._available += 1
