"""What an import is asked to do, and what became of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import attrs

from ...bulk import BulkReport
from .failures import FailedValue

Status = Literal["created", "updated", "unchanged", "deleted", "duplicate", "checked", "failed"]


@attrs.frozen(kw_only=True)
class ImportJob:
    """What to import, and how.

    Attributes:
        object: The object's slug or id.
        match: The unique attribute by which existing records are found.
        renames: Columns to attributes, where the names differ.
        skip: Columns to leave out.
        separator: What stands between the values of a multiselect attribute in one cell.
        on_error: Whether the first row that fails ends the job.
        dry_run: Check every row, write none.
        report: Where to write all failures.
        plan: Say what would be done with each row, write none.
        journal: Where to keep how far it is, so that it can go on after an interruption.
        max_failures: How many rows may fail; one more ends the job.
        dead_letters: Where to write the rows that failed, to be put right and given to `run_replay`.
    """

    object: str
    match: str
    renames: Mapping[str, str] = attrs.field(factory=dict[str, str])
    skip: Sequence[str] = ()
    separator: str = ";"
    on_error: Literal["stop", "collect"] = "collect"
    dry_run: bool = False
    report: Path | None = None
    plan: bool = False
    journal: Path | None = None
    max_failures: int | None = None
    dead_letters: Path | None = None


@attrs.define(kw_only=True)
class ImportResult:
    """What became of a file.

    Attributes:
        object, match: The slugs of the object and of the attribute that was matched on.
        rows: Rows in the file.
        created, updated, unchanged, failed: How many of them ended so; in a dry run the first three stay 0.
        duplicate: Rows that were not written by themselves, since another one with the same key was.
        checked: Rows found right, in a dry run.
        unknown: Rows that were on their way when the job was cut off.
        last_line: The line of the last row of which, and of all before it, the outcome is known.
        interrupted: Whether the user ended it.
        stop_reason: Why it ended early by itself.
        requests, writes, rate_limited: Requests sent; those that write; those refused for the rate and sent again.
        seconds: How long it took.
        plan: What would be done, in words, where that was asked for; the first rows of it.
        planned: How many rows would be written.
        resumed: How many rows had ended before, by the journal.
        ignored_columns: Columns left out since Attio sets them itself.
        failures: The first reasons why rows failed.
        more_failures: How many further reasons there are.
        dead_letters: The file that has the rows that failed.
    """

    object: str
    match: str
    rows: int
    dry_run: bool = False
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    checked: int = 0
    unknown: int = 0
    last_line: int | None = None
    interrupted: bool = False
    stop_reason: str | None = None
    requests: int = 0
    writes: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    plan: str | None = None
    planned: int = 0
    resumed: int = 0
    ignored_columns: Sequence[str] = ()
    failures: Sequence[FailedValue] = ()
    more_failures: int = 0
    dead_letters: str | None = None

    def add(self, status: Status) -> None:
        """Count one row."""
        setattr(self, status, getattr(self, status) + 1)

    def take(self, report: BulkReport) -> None:
        """Count what a whole job became, also what ended before this run."""
        for status in ("created", "updated", "unchanged", "duplicate", "failed", "resumed"):
            setattr(self, status, getattr(report, status))
        if report.stop_reason is not None and not self.interrupted:
            self.stop_reason = str(report.stop_reason)

    @property
    def not_tried(self) -> int:
        """Rows that were not sent at all."""
        return self.rows - self.known - self.unknown

    @property
    def known(self) -> int:
        """Rows of which the outcome is known."""
        written = self.created + self.updated + self.unchanged + self.duplicate
        return written + self.failed + self.checked + self.planned

    @property
    def exit_code(self) -> int:
        """0 when every row was written (or, in a dry run, could be), 1 when not, 130 when interrupted."""
        if self.interrupted:
            return 130
        return 1 if self.failed or self.not_tried else 0
