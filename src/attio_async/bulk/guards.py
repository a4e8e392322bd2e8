"""What a job must not do, and how it is watched."""

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ..errors import ConfigurationError

__all__ = ["Guards", "Progress", "show_on_terminal"]


def _count(_: object, attribute: "attrs.Attribute[Any]", value: int | None) -> None:
    if value is not None and value < 0:
        raise ConfigurationError(f"{attribute.name} must be at least 0, not {value}")


def _ratio(_: object, attribute: "attrs.Attribute[Any]", value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        raise ConfigurationError(f"{attribute.name} is a part of all, from 0 to 1, not {value!r}")


@attrs.frozen(kw_only=True)
class Guards:
    """What ends a job before it does harm.

    `max_change_ratio` and `max_deletes` have the whole input read and compared before the first row is written; then
    the outcomes of rows that need no write come before those of the others.

    Attributes:
        max_failures: Rows that may fail; one more, and no further row is written.
        max_change_ratio: The part of the rows that exist already that the job may change or delete, from 0 to 1. If it
            is more, nothing is written.
        max_deletes: Rows that the job may delete. If there are more, nothing is written.
        dry_run: Write nothing; the report says what would be.
    """

    max_failures: int | None = attrs.field(default=None, validator=_count)
    max_change_ratio: float | None = attrs.field(default=None, validator=_ratio)
    max_deletes: int | None = attrs.field(default=None, validator=_count)
    dry_run: bool = False

    @property
    def look_first(self) -> bool:
        """Whether all rows are looked at before the first is written."""
        return self.dry_run or self.max_change_ratio is not None or self.max_deletes is not None

    def objection(self, planned: Mapping[str, int], unchanged: int) -> str | None:
        """Why what is planned must not be done; None when it may."""
        deletes, updates = planned.get("delete", 0), planned.get("update", 0)
        if self.max_deletes is not None and deletes > self.max_deletes:
            return f"{deletes} would be deleted, and max_deletes is {self.max_deletes}"
        existing = deletes + updates + unchanged
        if self.max_change_ratio is not None and deletes + updates > self.max_change_ratio * existing:
            return (
                f"{deletes + updates} of {existing} that exist would be changed, "
                f"and max_change_ratio is {self.max_change_ratio}"
            )
        return None


@attrs.frozen(kw_only=True)
class Progress:
    """How far a job is.

    Attributes:
        done: Rows that ended, in this run and before.
        failed: Those of them that failed.
        total: Rows in the input; None where it does not say.
        seconds: How long this run has taken.
        rate: Rows per second of this run.
        waited: Seconds that writes waited for the rate limit meanwhile, added up.
    """

    done: int
    failed: int
    total: int | None
    seconds: float
    rate: float
    waited: float

    @property
    def left(self) -> float | None:
        """Seconds that the rest takes at this rate; None where that cannot be told."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total:,}"
        left = "" if self.left is None else f", {_duration(self.left)} left"
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,}{of} rows, {self.rate:,.1f}/s{left}{failed}"


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def show_on_terminal() -> Callable[[Progress], None]:
    """Writes progress on one line of stderr, where that is a terminal."""
    stream = sys.stderr

    def show(progress: Progress) -> None:
        if stream.isatty():
            stream.write(f"\r\x1b[K{progress}")
            stream.flush()

    return show
