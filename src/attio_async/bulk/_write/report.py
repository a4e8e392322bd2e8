"""What goes into a bulk job and what comes out of it."""

from collections.abc import Mapping
from typing import Literal

import attrs

from ..._records.models import Entry, Record
from ...errors import AttioError
from .._journal.protocol import DeadLetter

_KEPT = 1_000
"""Failures that a report keeps; the journal has all of them."""


@attrs.frozen
class Row:
    """One row of input.

    Attributes:
        values: Attribute slugs to values.
        label: What the row is called in reports, such as its line number.
        error: What is wrong with it, when that is known beforehand: it is not sent, only reported in its place.
        id: Which record or entry to update or delete.
        parent: Which record an entry is of.
    """

    values: Mapping[str, object] = attrs.field(factory=dict[str, object])
    label: object = None
    error: AttioError | None = None
    id: object = None
    parent: object = None


@attrs.frozen
class Outcome:
    """What became of one row.

    Attributes:
        index: Its place in the input, from 0.
        label: The row's label; its index when it has none.
        status: What happened. What existed before the job counts as updated; "duplicate" is a row that was not
            written by itself, since another one with the same key was.
        record: The record or entry as it is now; None when the row failed, or nothing is left of it.
        error: Why the row failed.
    """

    index: int
    label: object
    status: Literal["created", "updated", "unchanged", "deleted", "duplicate", "failed"]
    record: Record | Entry | None = None
    error: AttioError | None = None


@attrs.define
class BulkReport:
    """What became of all rows that were read.

    Where a job went on after an interruption, the rows of before are counted in.

    Attributes:
        created, updated, unchanged, deleted, duplicate, failed: How many rows ended so.
        pending: How many rows were read and not tried, or given back, because the job was stopped.
        resumed: How many of the rows had ended before this run.
        failures: The outcomes of the rows that failed in this run, in their order; the first 1,000.
        dead_letters: All that failed, in their order, with what was to be written; the first 1,000.
        requests: Requests that this client sent meanwhile, repeats included.
        rate_limited: How many of them were refused for the rate, and repeated.
        seconds: How long this run took.
        stop_reason: Why the job ended before the end of the rows; None when it did not.
        dry_run: Whether nothing was written, and the numbers say what would be.
    """

    created: int = 0
    updated: int = 0
    failed: int = 0
    failures: list[Outcome] = attrs.field(factory=list[Outcome], repr=False)
    requests: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    unchanged: int = 0
    deleted: int = 0
    duplicate: int = 0
    pending: int = 0
    resumed: int = 0
    dead_letters: list[DeadLetter] = attrs.field(factory=list[DeadLetter], repr=False)
    stop_reason: AttioError | str | None = None
    dry_run: bool = False

    @property
    def total(self) -> int:
        """Rows read: the sum of all the other numbers of rows."""
        return self.done + self.pending

    @property
    def done(self) -> int:
        """Rows that ended."""
        written = self.created + self.updated + self.deleted
        return written + self.unchanged + self.duplicate + self.failed

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        setattr(self, outcome.status, getattr(self, outcome.status) + 1)
        if outcome.status == "failed" and len(self.failures) < _KEPT:
            self.failures.append(outcome)
