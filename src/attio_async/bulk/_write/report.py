"""The input rows of a job, and what is reported about them."""

from collections.abc import Mapping

import attrs

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


@public
@attrs.frozen
class Outcome:
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
class BulkReport:
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

    @property
    def total(self) -> int:
        """Rows read: the sum of all the other numbers of rows."""
        return self.done + self.pending

    @property
    def done(self) -> int:
        """Rows that ended."""
        written = self.created + self.updated + self.deleted
        return written + self.unchanged + self.duplicate + self.failed
