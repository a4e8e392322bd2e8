"""Time and requests of a run, as its report has them."""

from typing import TypedDict

from .._pipeline.pipeline import Pipeline


class RunTotals(TypedDict):
    """The totals that every report has."""

    requests: int
    rate_limited: int
    seconds: float


class RunMeter:
    """Counts the requests of a client and the seconds from now on."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._before = pipeline.limits.stats()
        self._started = pipeline.clock.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return self._pipeline.clock.monotonic() - self._started

    @property
    def waited(self) -> float:
        """Seconds that writes waited for the rate limit, added up."""
        return self._pipeline.limits.stats().writes.waited - self._before.writes.waited

    def totals(self) -> RunTotals:
        """Return the totals until now."""
        now = self._pipeline.limits.stats()
        return RunTotals(
            requests=now.requests - self._before.requests,
            rate_limited=now.rate_limited - self._before.rate_limited,
            seconds=self.seconds,
        )


def server_time(pipeline: Pipeline) -> float:
    """Return the server's Unix time in seconds, as well as it is known."""
    clock = pipeline.clock
    return pipeline.limits.server_clock.now(clock.monotonic(), clock.time())
