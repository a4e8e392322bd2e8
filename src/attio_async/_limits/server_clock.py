"""Bounds on the server's clock, learned from the `Date` headers of its responses.

A `Date` header has a resolution of one second, but each response narrows down the difference between the server's clock
and ours: it was written after we sent and before we received. The intersection of these bounds turns a date in
`Retry-After` into a local instant that is never too early, however wrong either clock is.
"""

_DRIFT = 100e-6
"""Seconds per second that two unsynchronised clocks may drift apart."""


class ServerClock:
    """The difference `server time - monotonic time`, as an interval."""

    __slots__ = ("_high", "_low", "_updated")

    def __init__(self) -> None:
        self._low = float("-inf")
        self._high = float("inf")
        self._updated = 0.0

    @property
    def known(self) -> bool:
        """True once a response had a date."""
        return self._high != float("inf")

    def observe(self, date: float, *, sent: float, received: float) -> None:
        """Learn from a response dated `date` (unix seconds) whose request took from `sent` to `received`."""
        low, high = date - received, date + 1.0 - sent
        slack = _DRIFT * max(0.0, received - self._updated)
        self._updated = received
        new_low, new_high = max(low, self._low - slack), min(high, self._high + slack)
        if new_low > new_high:  # contradictory: one of the clocks was set, so only the newest response counts
            new_low, new_high = low, high
        self._low, self._high = new_low, new_high

    def local(self, server_time: float) -> float:
        """Return the monotonic instant at which the server's clock certainly shows `server_time`."""
        return server_time - self._low

    def now(self, monotonic: float, wall: float) -> float:
        """Return the server's time: our wall clock as far as responses allow it, else the nearest bound."""
        return monotonic + min(max(wall - monotonic, self._low), self._high)
