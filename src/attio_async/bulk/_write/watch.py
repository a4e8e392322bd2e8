"""Follow the bulk jobs that a function runs, so that its caller can stop them and see their reports."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from .report import BulkReport


class Stoppable(Protocol):
    """A job that can be told to stop."""

    def stop(self, reason: str = ...) -> None:
        """Write no further row."""
        ...


class JobWatch:
    """The bulk jobs that begin in a context.

    Attributes:
        reports: The reports of those that ended, in their order.
        stop_reason: Why all of them were told to stop; None if they were not.
        is_interrupted: True if a job was running when they were told to stop, or began afterwards.
    """

    def __init__(self) -> None:
        self.reports: list[BulkReport] = []
        self.stop_reason: str | None = None
        self.is_interrupted = False
        self._jobs: list[Stoppable] = []

    def stop(self, reason: str) -> None:
        """Tell all jobs to stop, also those that begin later."""
        self.stop_reason = reason
        for job in self._jobs:
            self.is_interrupted = True
            job.stop(reason)

    def begin(self, job: Stoppable) -> None:
        """Follow a job."""
        if job not in self._jobs:
            self._jobs.append(job)
        if self.stop_reason is not None:
            self.is_interrupted = True
            job.stop(self.stop_reason)

    def end(self, job: Stoppable, report: BulkReport | None) -> None:
        """Keep the report of a job, if it has one, and follow the job no longer."""
        if job in self._jobs:
            self._jobs.remove(job)
        if report is not None:
            self.reports.append(report)


_watch: ContextVar[JobWatch | None] = ContextVar("attio_async_job_watch", default=None)


def current_watch() -> JobWatch | None:
    """Return the watch of this context."""
    return _watch.get()


@contextmanager
def watching(watch: JobWatch) -> Generator[None]:
    """Follow all bulk jobs that begin in the block."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)
