"""The rows of a job, their outcomes in order, and the report of a run."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import TypedDict

import anyio
import attrs

from attio_async_api.json_data import JsonData, JsonFields

from ..._pipeline.pipeline import Pipeline
from ..._records.models import Entry, Record
from ..._utils.public import public
from ...errors import AttioError
from .._journal.protocol import DeadLetter, RowStatus

MAX_REPORTED_FAILURES = 1_000
"""Failures that a report keeps; the journal has all of them."""


@public
@attrs.frozen
class Row:
    """One row of input.

    Attributes:
        values: Attribute slugs to values.
        label: The row's name in reports, such as its line number.
        error: What is wrong with the row, when that is known beforehand: it is not sent, only reported in its place.
        id: The record or entry to update or delete.
        parent: The parent record of an entry.
    """

    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    label: object = None
    error: AttioError | None = None
    id: object = None
    parent: object = None


@attrs.frozen(kw_only=True)
class LocatedRow(Row):
    """A row whose parent was looked up. A journal recognises it by what the input says, whatever exists meanwhile.

    Attributes:
        given: The parent in the input, and what is wrong with the row there.
    """

    given: tuple[object, AttioError | None]


@public
@attrs.frozen
class Outcome(JsonData):
    """The outcome of one row.

    Attributes:
        index: The row's place in the input, from 0.
        label: The row's label; its index when it has none.
        status: The end of the row. What existed before the job counts as updated; "duplicate" is a row that was not
            written itself, because another one with the same key was.
        record: The record or entry as it is now; None when the row failed, or was deleted.
        error: Why the row failed.
    """

    index: int
    label: object
    status: RowStatus
    record: Record | Entry | None = None
    error: AttioError | None = None


@public
@attrs.define(kw_only=True)
class BulkReport(JsonData):
    """The outcomes of all rows that were read, those of earlier runs of a resumed job included.

    Attributes:
        created, updated, unchanged, deleted, duplicate, failed: The number of rows that ended so.
        pending: The number of rows that were read and not written, because the job was stopped.
        resumed: The number of rows that had ended before this run.
        failures: The outcomes of the rows that failed in this run, in their order; the first 1,000.
        dead_letters: All rows that failed, in their order, with what was to be written; the first 1,000.
        requests: Requests that this client sent meanwhile, retries included.
        rate_limited: The number of these requests that were rate-limited, and retried.
        seconds: The duration of this run.
        stop_reason: Why the job ended before the end of the rows; None when it did not.
        dry_run: True if nothing was written, and the numbers say what would be.
        notes: What was guessed or left out of values, such as the parts of a name, and in how many rows of this run.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    duplicate: int = 0
    failed: int = 0
    pending: int = 0
    resumed: int = 0
    failures: list[Outcome] = attrs.field(factory=list[Outcome], repr=False)
    dead_letters: list[DeadLetter] = attrs.field(factory=list[DeadLetter], repr=False)
    requests: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    stop_reason: AttioError | str | None = None
    dry_run: bool = False
    notes: dict[str, int] = attrs.field(factory=dict[str, int])

    def _json_fields(self) -> JsonFields:
        return [("total", self.total), *super()._json_fields()]

    @property
    def total(self) -> int:
        """Rows read: the sum of all the other numbers of rows."""
        return self.done + self.pending

    @property
    def done(self) -> int:
        """Rows that ended."""
        written = self.created + self.updated + self.deleted
        return written + self.unchanged + self.duplicate + self.failed


class OutcomeQueue:
    """Delivers outcomes in the order of their rows, and limits the rows that wait for it.

    Args:
        deliver: Takes each outcome.
        room: The number of rows that may be announced and not delivered yet.
        in_order: False delivers each outcome at once, for a job that other workers share.
    """

    def __init__(self, deliver: Callable[[Outcome], None], *, room: int, in_order: bool) -> None:
        self._deliver = deliver
        self._in_order = in_order
        self._room = anyio.Semaphore(room)
        self._expected: deque[tuple[int, bool]] = deque()  # with whether the row takes room
        self._ended: dict[int, Outcome | None] = {}

    async def announce(self, index: int) -> None:
        """Add a row to the order, once there is room."""
        if not self._in_order:
            return
        try:
            self._room.acquire_nowait()  # without the two turns of the event loop that `acquire` takes
        except anyio.WouldBlock:
            await self._room.acquire()
        self._expected.append((index, True))

    def insert(self, index: int) -> None:
        """Add a row of an earlier run to the order; it takes no room."""
        if self._in_order:
            self._expected.append((index, False))

    def end(self, index: int, outcome: Outcome | None) -> None:
        """Deliver the outcome of a row when it is its turn; without an outcome the row only makes room."""
        if not self._in_order:
            if outcome is not None:
                self._deliver(outcome)
            return
        self._ended[index] = outcome
        while self._expected and self._expected[0][0] in self._ended:
            first, takes_room = self._expected.popleft()
            ended = self._ended.pop(first)
            if takes_room:
                self._room.release()
            if ended is not None:
                self._deliver(ended)

    def flush(self) -> None:
        """Deliver the outcomes that wait for rows that will not end any more."""
        waiting, self._ended = sorted(self._ended.items()), {}
        for _, outcome in waiting:
            if outcome is not None:
                self._deliver(outcome)


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
