"""A job some of whose requests fail, in every way there is, in virtual time."""

import attrs

from attio_async import BulkReport, RateLimiter
from attio_async.testing import (
    ConnectionRefused,
    ConnectionReset,
    FakeAttio,
    Garbled,
    NoAnswer,
    ProxyFailure,
    ServerFailure,
    TooManyRequests,
    Truncated,
    VirtualClock,
)

from .operations import begin
from .work import UNLIMITED_RATE, Work, content

FAULTS = (
    TooManyRequests(),
    TooManyRequests(retry_after="none"),
    ServerFailure(500),
    ServerFailure(503, when="after"),
    ProxyFailure(502),
    ProxyFailure(524, when="after"),
    ConnectionRefused(),
    ConnectionReset(when="before"),
    ConnectionReset(when="after"),
    NoAnswer(when="before"),
    NoAnswer(when="after"),
    Truncated(),
    Garbled(),
)


@attrs.frozen
class FaultyRun:
    """A job after the faults.

    Attributes:
        work: The job.
        fake: The workspace afterwards.
        report: The report of the job.
        faults: The number of requests that failed.
    """

    work: Work
    fake: FakeAttio
    report: BulkReport
    faults: int

    @property
    def problems(self) -> list[str]:
        """The differences from a run without faults; empty if all is well."""
        report, rows = self.report, len(self.work.rows)
        ended = report.created + report.updated + report.deleted + report.unchanged + report.failed
        found = [] if (ended, report.total) == (rows, rows) else [f"{report} for {rows} rows"]
        return found + (self._keyless() if self.work.kind == "keyless" else self._equal())

    def _equal(self) -> list[str]:
        found = [] if content(self.fake) == self.work.after else ["the companies are not as they should be"]
        if self.report.failed or self.report.unchanged != self.work.counts["unchanged"]:
            found.append(f"{self.report} instead of {self.work.counts}")
        return found

    def _keyless(self) -> list[str]:
        """Check that a row without a key exists once, or is reported as possibly missing."""
        there, letters = content(self.fake), self.report.dead_letters
        failed = {letter.index for letter in letters}
        names = [(row["name"],) for row in self.work.rows]
        lost = [index for index, name in enumerate(names) if name not in there and index not in failed]
        found = [f"rows {lost[:5]} are neither there nor reported"] if lost else []
        if there.total() != len(there) or there.keys() - set(names):
            found.append("there are companies that should not be there")
        if {letter.failure.kind for letter in letters} - {"OutcomeUnknown"}:
            found.append("rows failed for another reason than an unknown outcome")
        return found


async def run_with_faults(work: Work, *, share: float) -> FaultyRun:
    """Run a job with this share of failing requests."""
    fake = work.fake(clock=VirtualClock(), latency=0.01)
    # Of several faults the first one that meets a request decides, so the later ones come up a bit less often.
    active = [
        fake.fault(fault, probability=share / len(FAULTS) / (1 - share), times=100_000) for fault in FAULTS
    ]
    client = fake.client(limiter=RateLimiter(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE))
    report = await begin(work.kind, client, work.rows)
    return FaultyRun(work, fake, report, sum(each.hits for each in active))
