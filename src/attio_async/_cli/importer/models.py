"""The choices of an import, and its result."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from ..._workspace.rows import Nulls
from ...bulk import (
    BulkReport,
    ColumnMapping,
    Duplicates,
    ImportReader,
    ImportWay,
    MatchOn,
    OnAmbiguous,
    RowStatus,
    ValueFormats,
)
from ..errors import Refusal
from .failures import FailedValue

Mode = Literal["write", "check", "plan"]
"""write: write the rows. check: only validate them. plan: only compare them with the workspace."""

Status = RowStatus | Literal["checked"]


@attrs.frozen(kw_only=True)
class ImportRequest:
    """The choices of an import: what to read, where it goes, and how to go about it.

    Attributes:
        files: Paths of CSV or JSONL files; "-" is standard input.
        objects: The object of each file; empty for a list.
        list_name: The list to add entries to, instead of objects.
        parent_match: The unique attribute of the parent records of entries; a column has its values. Or
            "parent_record", for a column of references as an export writes them.
        matches: The unique attribute that finds existing records: "SLUG", or "OBJECT=SLUG" for one of several objects.
        on_ambiguous: Match on attributes that are not unique, and do this where several records have the value.
        way: Whether to update what exists and create the rest, or to do one of these.
        mapping: Where columns go.
        formats: How values are written.
        reader: How files are read.
        create_options, create_references, create_unmatched, create_parents: Whether to create options that do not exist,
            records that rows refer to, records of rows without a key, and the parents of entries.
        duplicates: The treatment of rows with the same key.
        nulls: Whether a blank cell clears its attribute.
        details: List the planned rows, too.
        mode: Whether to write the rows, or only to check or plan them.
        journal: The file that records progress, so that an interrupted import can resume.
        resume: Require the journal to exist.
        on_error: "stop" writes no further row after the first failure; "collect" goes on.
        max_failures: Rows that may fail; one more stops the import.
        dead_letters: The file for rows that failed, to be fixed and replayed.
        replay: Such a file, to import instead of `files`.
        report: The CSV file for the reasons of all failures.
    """

    files: Sequence[str] = ()
    objects: Sequence[str] = ()
    list_name: str | None = None
    parent_match: str | None = None
    matches: Sequence[str] = ()
    on_ambiguous: OnAmbiguous | None = None
    way: ImportWay = "upsert"
    mapping: ColumnMapping = attrs.field(factory=ColumnMapping)
    formats: ValueFormats = attrs.field(factory=ValueFormats)
    reader: ImportReader = attrs.field(factory=ImportReader)
    create_options: bool = False
    create_references: bool = False
    create_unmatched: bool = False
    create_parents: bool = False
    duplicates: Duplicates = "refuse"
    nulls: Nulls = "skip"
    details: bool = False
    mode: Mode = "write"
    journal: Path | None = None
    resume: bool = False
    on_error: Literal["stop", "collect"] = "collect"
    max_failures: int | None = None
    dead_letters: Path | None = None
    replay: Path | None = None
    report: Path | None = None

    def __attrs_post_init__(self) -> None:
        if bool(self.files) == (self.replay is not None):
            raise Refusal("give either FILE or --replay DEAD_LETTERS")
        if self.list_name is not None and self.objects:
            raise Refusal("give either --object or --list")
        if self.parent_match is not None and self.list_name is None:
            raise Refusal("--parent-match belongs to --list; entries are found by their parent records")
        if self.replay is not None:
            self._check_replay()
        if self.list_name is None and self.replay is None and not self.objects:
            raise Refusal("no object or list is given; give --object once per file, or --list")
        if len(self.objects) > 1 and len(self.objects) != len(self.files):
            given = f"{len(self.files)} files and {len(self.objects)} objects are given"
            raise Refusal(f"{given}; give --object once per file, or once for all")
        self._check_matches()
        if self.resume and (self.journal is None or not self.journal.is_file()):
            missing = (
                "no journal is given" if self.journal is None else f"the journal {self.journal} is missing"
            )
            raise Refusal(f"{missing}; --resume needs --journal FILE with a file that exists")

    def _check_matches(self) -> None:
        named = [match.split("=", 1)[0] if "=" in match else "" for match in self.matches]
        for name in named:
            if named.count(name) > 1:
                about = f" for {name}" if name else ""
                raise Refusal(f"--match is given twice{about}; give one attribute for each object")
            if name and name not in self.objects:
                raise Refusal(f"--match names {name!r}, which no --object does; write both in the same way")

    def _check_replay(self) -> None:
        if self.list_name is None and len(self.objects) != 1:
            raise Refusal("--replay needs --object or --list, once")
        of_files = {
            "--create-parents": self.create_parents,
            "--parent-match": self.parent_match is not None,
            **{
                f"--{field.name.replace('_', '-')}": getattr(self.reader, field.name) != field.default
                for field in attrs.fields(ImportReader)
            },
        }
        for option, is_given in of_files.items():
            if is_given:
                raise Refusal(f"{option} is for files, and the rows of --replay were read before")

    def targets(self) -> list[tuple[str, str | MatchOn | None]]:
        """Return the objects, each with the attribute to match on; None where the object's own is taken."""
        by_object = dict(match.split("=", 1) for match in self.matches if "=" in match)
        default = next((match for match in self.matches if "=" not in match), None)
        return [(name, self._match(by_object.get(name, default))) for name in self.objects]

    def _match(self, name: str | None) -> str | MatchOn | None:
        if self.on_ambiguous is None or name is None:
            return name
        return MatchOn(name, self.on_ambiguous)

    def choices(self, match: str | MatchOn | None, mapping: ColumnMapping) -> dict[str, Any]:
        """Return the arguments of `import_from` for one file."""
        choices = {
            "way": self.way,
            "match": match,
            "mapping": mapping,
            "formats": self.formats,
            "create_options": self.create_options,
        }
        if self.list_name is None:
            return {**choices, "create_unmatched": self.create_unmatched}
        return {**choices, "parent_match": self.parent_match, "create_parents": self.create_parents}

    def of_object(self, name: str) -> "ImportRequest":
        """Return the request with the object in the names of its reports, as in failed.people.jsonl."""

        def named(file: Path | None) -> Path | None:
            return None if file is None else file.with_name(f"{file.stem}.{name}{file.suffix}")

        return attrs.evolve(self, report=named(self.report), dead_letters=named(self.dead_letters))


@attrs.define(kw_only=True)
class ImportResult:
    """The result of importing one file.

    Attributes:
        object, match: The slugs of the object and of the attribute that was matched on.
        rows: Rows in the file.
        mode: What was done with them.
        way: The way in which they were, or would be, written.
        created, updated, unchanged, failed: Rows that ended so; when only checked, the first three stay 0.
        duplicate: Rows that were not written by themselves, since another one has the same key.
        checked: Valid rows, when only checked.
        planned: Rows that would be written, when only planned.
        plan: The plan, in words.
        plan_data: The plan, as data.
        unknown: Rows that were on their way when the import was cut off, and may be written.
        last_line: The last line up to which every outcome is known.
        interrupted: Whether the user ended it.
        stop_reason: Why it ended early by itself.
        requests, writes, rate_limited: Requests sent; those that write; those that were rate-limited and retried.
        seconds: How long it took.
        resumed: Rows that had ended before, by the journal.
        ignored_columns: Columns left out since Attio sets them itself.
        failures: The first reasons for failures.
        more_failures: How many further reasons there are.
        dead_letters: The file with the rows that failed.
    """

    object: str
    match: str
    rows: int
    mode: Mode = "write"
    way: ImportWay = "upsert"
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    checked: int = 0
    planned: int = 0
    plan: str | None = None
    plan_data: dict[str, Any] | None = None
    unknown: int = 0
    last_line: int | str | None = None
    interrupted: bool = False
    stop_reason: str | None = None
    requests: int = 0
    writes: int = 0
    rate_limited: int = 0
    seconds: float = 0.0
    resumed: int = 0
    ignored_columns: Sequence[str] = ()
    failures: Sequence[FailedValue] = ()
    more_failures: int = 0
    dead_letters: Path | None = None

    def add(self, status: Status) -> None:
        """Count one row."""
        setattr(self, status, getattr(self, status) + 1)

    def take(self, report: BulkReport) -> None:
        """Replace the counts by those of a whole job, which include the rows of earlier runs."""
        for status in ("created", "updated", "unchanged", "duplicate", "failed", "resumed"):
            setattr(self, status, getattr(report, status))

    @property
    def not_tried(self) -> int:
        """Rows that were not sent at all."""
        return self.rows - self.known - self.unknown

    @property
    def known(self) -> int:
        """Rows with a known outcome."""
        written = self.created + self.updated + self.unchanged + self.duplicate
        return written + self.failed + self.checked + self.planned

    @property
    def exit_code(self) -> int:
        """0 when every row was written, or could be; 1 when not; 130 when interrupted."""
        if self.interrupted:
            return 130
        return 1 if self.failed or self.not_tried else 0
