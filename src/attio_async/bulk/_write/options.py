"""How a job over many rows is done, whatever it does."""

import math
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict

import attrs

from ...errors import ConfigurationError
from .._journal.protocol import Journal
from .report import Outcome


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


Duplicates = Literal["refuse", "first", "last", "merge"]


"""What becomes of rows that share a key.

refuse: the first is written, the others fail. first: the first is written, the others are counted as duplicates. last:
likewise the last. merge: they become one row, in the place of the first; of one value the last is taken, of several all.
"last" and "merge" read the whole input before anything is written.
"""


_DUPLICATES = ("refuse", "first", "last", "merge")


_AMBIGUOUS = ("error", "first", "skip")


class BulkOptions(TypedDict, total=False):
    """What every job over many rows takes.

    Attributes:
        on_error: "stop" writes no further row after the first failure, and finishes those on their way; by default
            ("collect") a row that fails does not keep the others from being written.
        on_outcome: Called with the `Outcome` of each row, in the order of the rows, once it is in the journal.
        progress: Called with the `Progress` after each row; True shows it on stderr where that is a terminal.
        journal: A file, or a `Journal`. The same call with the same rows goes on where it was interrupted. Without one,
            a job that was interrupted begins anew.
        duplicates: What becomes of rows with the same key: "refuse" (by default) writes the first and fails the
            others, "first" and "last" write that one, "merge" makes them one.
        guards: What ends the job before it does harm.
        create_references: Whether a record that a row refers to by its domain, e-mail address or another unique value
            is made when there is none.
        workers: How many rows may be on their way at once, 1 or more; by default as many as the rate needs.
    """

    on_error: Literal["collect", "stop"]
    on_outcome: Callable[[Outcome], None] | None
    progress: bool | Callable[[Progress], None]
    journal: str | os.PathLike[str] | Journal | None
    duplicates: Duplicates
    guards: Guards
    create_references: bool
    workers: int | None


@attrs.frozen(kw_only=True)
class JobOptions:
    """The same, checked."""

    on_error: Literal["collect", "stop"] = "collect"
    on_outcome: Callable[[Outcome], None] | None = None
    progress: bool | Callable[[Progress], None] = False
    journal: str | os.PathLike[str] | Journal | None = None
    duplicates: Duplicates = "refuse"
    guards: Guards = attrs.field(factory=Guards)
    create_references: bool = False
    workers: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.on_error not in {"collect", "stop"}:
            raise ConfigurationError(f"on_error is 'collect' or 'stop', not {self.on_error!r}")
        if self.workers is not None and self.workers < 1:
            raise ConfigurationError(f"workers must be at least 1, not {self.workers}")
        if self.duplicates not in _DUPLICATES:
            raise ConfigurationError(f"duplicates is one of {_DUPLICATES}, not {self.duplicates!r}")

    @property
    def max_failures(self) -> float:
        """How many rows may fail."""
        if self.on_error == "stop":
            return 0
        return math.inf if self.guards.max_failures is None else self.guards.max_failures


@attrs.frozen
class MatchOn:
    """Matching on an attribute that is not unique, such as a LinkedIn address.

    Attio itself matches on unique attributes only, so here a row is matched by reading and then written by another
    request. The guarantee that is lost: when somebody else creates a record with the same value between the two, there
    are two of them. Rows of one job never do that to each other. Values are replaced as upserting does it.

    Attributes:
        attribute: Slug, title or id.
        on_ambiguous: What to do where several records have the value: fail the row ("error"), update the one that was
            created first ("first"), or leave all of them as they are ("skip"), which counts as unchanged.
    """

    attribute: str
    on_ambiguous: Literal["error", "first", "skip"] = "error"

    def __attrs_post_init__(self) -> None:
        if self.on_ambiguous not in _AMBIGUOUS:
            raise ConfigurationError(f"on_ambiguous is one of {_AMBIGUOUS}, not {self.on_ambiguous!r}")
