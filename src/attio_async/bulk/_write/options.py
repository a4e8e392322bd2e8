"""The options of a job over many rows."""

import math
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple, TypedDict

import attrs

from attio_async_api.json_data import JsonData

from ..._utils.checks import at_least
from ..._utils.public import public
from ..._workspace.rows import Nulls
from ...errors import ConfigurationError
from .._journal.protocol import Journal
from .report import Outcome

Duplicates = Literal["refuse", "first", "last", "merge"]
"""The treatment of rows that share a key.

refuse: the first is written, the others fail. first: the first is written, the others count as duplicates. last: the
last is written. merge: they become one row, in the place of the first; of single values the last counts, of multiselect
values all. "last" and "merge" read the whole input before anything is written.
"""

OnAmbiguous = Literal["error", "first", "skip"]


_COUNT = attrs.validators.optional(at_least(0))


def _check_ratio(_: object, attribute: "attrs.Attribute[Any]", value: float | None) -> None:
    if value is not None and not 0 <= value <= 1:
        raise ConfigurationError(f"{attribute.name} must be from 0 to 1, not {value!r}")


def _one_of(*allowed: str) -> Callable[[object, "attrs.Attribute[Any]", str], None]:
    def check(_: object, attribute: "attrs.Attribute[Any]", value: str) -> None:
        if value not in allowed:
            raise ConfigurationError(f"{attribute.name} must be one of {', '.join(allowed)}, not {value!r}")

    return check


@public
@attrs.frozen(kw_only=True)
class Guards:
    """Limits that stop a job before it does harm.

    `max_change_ratio` and `max_deletes` compare the whole input before the first row is written; the outcomes of rows
    that need no write then come before those of the others.

    Attributes:
        max_failures: The number of rows that may fail; one more, and no further row is written.
        max_change_ratio: The part of the existing rows that the job may update or delete, from 0 to 1. If it is more,
            nothing is written.
        max_deletes: The number of rows that the job may delete. If there are more, nothing is written.
        dry_run: Write nothing; the report says what would be written.
    """

    max_failures: int | None = attrs.field(default=None, validator=_COUNT)
    max_change_ratio: float | None = attrs.field(default=None, validator=_check_ratio)
    max_deletes: int | None = attrs.field(default=None, validator=_COUNT)
    dry_run: bool = False

    @property
    def need_plan(self) -> bool:
        """True if all rows have to be planned before the first is written."""
        return self.dry_run or self.max_change_ratio is not None or self.max_deletes is not None

    def violation(self, planned: Mapping[str, int], unchanged: int) -> str | None:
        """Return why the planned writes are not allowed; None if they are."""
        deletes, updates = planned.get("delete", 0), planned.get("update", 0)
        if self.max_deletes is not None and deletes > self.max_deletes:
            return f"{deletes} rows would be deleted, and max_deletes is {self.max_deletes}"
        existing = deletes + updates + unchanged
        if self.max_change_ratio is not None and deletes + updates > self.max_change_ratio * existing:
            return (
                f"{deletes + updates} of {existing} existing rows would be changed, "
                f"and max_change_ratio is {self.max_change_ratio}"
            )
        return None


@public
@attrs.frozen(kw_only=True)
class Progress(JsonData):
    """The progress of a job.

    Attributes:
        done: Rows that ended, in this run and before.
        failed: Those of them that failed.
        total: Rows in the input; None where that is not known yet.
        seconds: The duration of this run so far.
        rate: Rows per second of this run.
        waited: Seconds that writes waited for the rate limit, added up.
    """

    done: int
    failed: int
    total: int | None
    seconds: float
    rate: float
    waited: float

    @property
    def left(self) -> float | None:
        """Seconds that the remaining rows take at this rate; None where that is not known."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done) / self.rate

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total:,}"
        left = "" if self.left is None else f", {_duration(self.left)} left"
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.done:,}{of} rows, {self.rate:,.1f}/s{left}{failed}"


ProgressChoice = bool | Callable[[Progress], Awaitable[object] | None]
"""A function to call with the progress; True to show it."""


def progress_function(progress: ProgressChoice) -> Callable[[Progress], Awaitable[object] | None] | None:
    """Return the function to call with the progress; None if there is none."""
    return show_progress if progress is True else progress or None


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def show_progress(progress: Progress) -> None:
    """Write the progress on one line of stderr, if that is a terminal or the output of a notebook."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{progress}")
    elif _is_notebook():  # which knows no codes of terminals but the return to the start of the line
        sys.stderr.write(f"\r{progress}".ljust(_LINE_CHARS))
    else:
        return
    sys.stderr.flush()


_LINE_CHARS = 80


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@public
class BulkOptions(TypedDict, total=False):
    """The options of every job over many rows.

    Attributes:
        on_error: "stop" writes no further row after the first failure, and finishes those in flight; by default
            ("collect") a row that fails does not keep the others from being written.
        on_outcome: Called with the `Outcome` of each row, in the order of the rows, once it is in the journal. It may be
            async, and is awaited then.
        progress: Called with the `Progress` after each row, or awaited; True shows it on stderr if that is a terminal or
            the output of a notebook.
        journal: A file, or a `Journal`. The same call with the same rows resumes where it was interrupted. Without a
            journal, an interrupted job starts over.
        duplicates: The treatment of rows with the same key: "refuse" (by default) writes the first and fails the
            others, "first" and "last" write that one, "merge" makes them one.
        guards: Limits that stop the job before it does harm.
        create_references: Whether a record that a row refers to by its domain, email address or another unique value
            is created when it does not exist.
        nulls: What None does in a row: "clear" (by default) removes the values of the attribute, "skip" leaves it alone.
        workers: The number of rows in flight, at least 1; by default as many as the rate needs.
    """

    on_error: Literal["collect", "stop"]
    on_outcome: Callable[[Outcome], Awaitable[object] | None] | None
    progress: ProgressChoice
    journal: str | os.PathLike[str] | Journal | None
    duplicates: Duplicates
    guards: Guards
    create_references: bool
    nulls: Nulls
    workers: int | None


class FailureRule(NamedTuple):
    """The number of rows that may fail, and the option that says so."""

    limit: float
    rule: str


@attrs.frozen(kw_only=True)
class JobOptions:
    """`BulkOptions` with defaults, checked."""

    on_error: Literal["collect", "stop"] = attrs.field(
        default="collect", validator=_one_of("collect", "stop")
    )
    on_outcome: Callable[[Outcome], Awaitable[object] | None] | None = None
    progress: ProgressChoice = False
    journal: str | os.PathLike[str] | Journal | None = None
    duplicates: Duplicates = attrs.field(
        default="refuse", validator=_one_of("refuse", "first", "last", "merge")
    )
    guards: Guards = attrs.field(factory=Guards)
    create_references: bool = False
    nulls: Nulls = attrs.field(default="clear", validator=_one_of("clear", "skip"))
    workers: int | None = attrs.field(default=None, validator=attrs.validators.optional(at_least(1)))

    @property
    def failures(self) -> FailureRule:
        """The number of rows that may fail, and the rule that says so."""
        if self.on_error == "stop":
            return FailureRule(0, "on_error is 'stop'")
        most = self.guards.max_failures
        return FailureRule(math.inf if most is None else most, f"max_failures is {most}")

    @property
    def on_progress(self) -> Callable[[Progress], Awaitable[object] | None] | None:
        """The function to call with the progress."""
        return progress_function(self.progress)


@public
@attrs.frozen
class MatchOn:
    """Matches on an attribute that is not unique, such as a LinkedIn address.

    Attio itself matches on unique attributes only, so a row is matched by reading, and then written by a second request.
    If another client creates a record with the same value in between, there are two of them. Rows of one job never do
    that to each other. Values are replaced as by an upsert.

    Attributes:
        attribute: Slug, title or id.
        on_ambiguous: What to do where several records have the value: fail the row ("error"), update the record that
            was created first ("first"), or leave all as they are ("skip"), which counts as unchanged.
    """

    attribute: str
    on_ambiguous: OnAmbiguous = attrs.field(default="error", validator=_one_of("error", "first", "skip"))
