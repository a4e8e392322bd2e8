"""What goes into a bulk job and what comes out of it."""

from collections.abc import Mapping
from typing import Literal

import attrs

from ..errors import AttioError
from ..records import Record

__all__ = ["BulkReport", "Outcome", "Row"]


@attrs.frozen
class Row:
    """One row of input.

    Attributes:
        values: Attribute slugs to values.
        label: What the row is called in reports, such as its line number.
        error: What is wrong with it, when that is known beforehand: it is not sent, only reported in its place.
    """

    values: Mapping[str, object]
    label: object = None
    error: AttioError | None = None


@attrs.frozen
class Outcome:
    """What became of one row.

    Attributes:
        index: Its place in the input, from 0.
        label: The row's label; its index when it has none.
        status: What happened. A record that existed before the job counts as updated.
        record: The record as it is now; None when the row failed.
        error: Why the row failed.
    """

    index: int
    label: object
    status: Literal["created", "updated", "failed"]
    record: Record | None = None
    error: AttioError | None = None


@attrs.define
class BulkReport:
    """What became of all rows that were read.

    Attributes:
        created, updated, failed: How many rows ended so; together, the rows that were read.
        failures: The outcomes of those that failed, in the order of the rows.
        requests: Requests that this client sent meanwhile, repeats included.
        rate_limited: How many of them were refused for the rate, and repeated.
        seconds: How long the job took.
        stopped: Whether reading ended before the end of the rows.
    """

    created: int = 0
    updated: int = 0
    failed: int = 0
    failures: list[Outcome] = attrs.field(factory=list[Outcome], repr=False)
    requests: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    stopped: bool = False

    @property
    def total(self) -> int:
        """Rows read."""
        return self.created + self.updated + self.failed

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if outcome.status == "created":
            self.created += 1
        elif outcome.status == "updated":
            self.updated += 1
        else:
            self.failed += 1
            self.failures.append(outcome)
