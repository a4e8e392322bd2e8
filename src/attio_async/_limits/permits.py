"""A pool of permits for one rate limit, without I/O: N tokens, each back a second after its use, paced.

What makes it differ from a token bucket is what the server counts: arrivals, not departures. A permit is
given back one window after its request *arrived*, as far as the answer tells, so no window of the server
ever sees more than N, whatever kind of window it is. Permits come back one spacing apart, so a burst after
an idle time is not followed by another burst. How wide the spacing is, the governor says.
"""

import math
from collections import deque

from .governor import Governor, Ticket

_KNOWN_LATENCY = 20
"""Answers after which the latency estimate is good enough to date arrivals with."""

_LEAST_GAIN = 0.02
"""The weight of one answer in that estimate: it follows the network over the last fifty."""


class Latency:
    """How long answers take, and so how long before its answer a request can have arrived."""

    __slots__ = ("_deviation", "_mean", "_samples")

    def __init__(self) -> None:
        self._mean = self._deviation = 0.0
        self._samples = 0

    def learn(self, latency: float) -> float:
        """The reach as it was known before this answer, which is learned from."""
        reach = self._mean + 2 * self._deviation if self._samples >= _KNOWN_LATENCY else 0.0
        self._samples += 1
        gain = max(_LEAST_GAIN, 1 / self._samples)
        error = latency - self._mean
        self._mean += gain * error
        self._deviation += gain * (abs(error) - self._deviation)
        return reach

    def reach(self) -> float:
        """The seconds; 0 as long as they are not known."""
        return self._mean + 2 * self._deviation if self._samples >= _KNOWN_LATENCY else 0.0


class PermitPool:
    """At most `limit` requests in any `window` seconds, paced to a margin below it.

    All instants are monotonic seconds. The caller says what happened to each ticket exactly once: `answered`,
    `lost`, `untaken`, or `refused` where the answer was a 429.
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
        """How many permits are at hand."""
        self._collect(now)
        return self._available

    def ready_at(self, now: float) -> float:
        """When the next permit can be taken; infinity while that depends on an answer still to come."""
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
        """Take a permit, which `ready_at` has to allow."""
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
        """The answer to this request arrived, so it and all that were sent before it have reached the server."""
        if not ticket.returned:
            self._acknowledge(ticket, now - self._latency.learn(now - ticket.sent))
        self.governor.succeeded(now)

    def lost(self, ticket: Ticket, now: float) -> None:
        """No answer arrived; the server may count the request as late as now."""
        if not ticket.returned:
            self._flying.remove(ticket)
            ticket.returned = True
            self._schedule(now + self.window + self.governor.guard)

    def untaken(self, ticket: Ticket) -> None:
        """The request was never sent."""
        if not ticket.returned:
            self._flying.remove(ticket)
            ticket.sent = -math.inf  # so that the governor, who remembers it, counts it nowhere
            ticket.returned = True
            self._available += 1
            self._next_ideal -= self.spacing

    def refused(self, ticket: Ticket, now: float, until: float) -> bool:
        """A 429 arrived for this request. Whether that pauses the pool until `until`.

        An isolated refusal is jitter and concerns its own request only. Several within a window mean that
        the server's limit is reached, and then nothing is sent until it says so.
        """
        spacing = self.spacing
        paused = self.governor.refused(ticket, now, until)
        if (
            not ticket.returned
        ):  # how long a refusal took says nothing about the others: it is not learned from
            self._acknowledge(ticket, now - self._latency.reach())
        if paused:
            self._pause(now, until)
        elif self.spacing > spacing:
            self._spread()
        return paused

    def restart(self, now: float) -> None:
        """Bring every permit at hand back from now on, one spacing apart: whoever begins so sends no burst."""
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
        """Bring every permit that would be back by then back from then on, one spacing apart: no saved-up burst."""
        self._collect(now)
        self._paused_until = max(self._paused_until, until)
        waiting = [self._paused_until] * self._available
        waiting += [max(instant, self._paused_until) for instant in self._returns]
        self._available = 0
        self._reschedule(waiting)

    def _spread(self) -> None:
        """Bring the permits that are on their way back no closer together than the spacing is now."""
        self._reschedule(list(self._returns))

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
