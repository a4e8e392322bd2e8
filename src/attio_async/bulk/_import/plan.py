"""The plan of an import: what would be written, and what is in the way, by cause."""

import re
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack, aclosing
from typing import Any

import attrs

from attio_async_api.json_data import JsonData, JsonFields

from ..._utils.public import public
from ..._utils.text import folded, show
from ..._workspace.plan import Plan
from ...errors import AttioError, CoercionError, DuplicateKey, Problem
from ...values import Name
from .._write.plan import JobPlan, MissingReference, Once, PlannedRow
from .._write.report import BulkReport, Outcome
from .columns import ColumnMap
from .rows import RowNotes
from .settings import ImportSetting, UnclearCells
from .source import ImportTable

_CREATE_OPTIONS = ImportSetting("create_options")
_MOST_CAUSES = 200
_MOST_OPTIONS = 10_000
_MOST_SETTINGS = 3
_MOST_LISTED = 5
_MOST_COLUMNS = 20
_SEPARATORS = ("\n", ",", "|", "/")
_OTHER_ROW = re.compile(r"\brow \S+ has")


@public
@attrs.frozen(kw_only=True)
class ImportProblem(JsonData):
    """One cause for which rows would not be written.

    Attributes:
        attribute: The attribute, as a slug; empty where it is about whole rows.
        column: The column of the file; empty where it is not known.
        cause: The reason.
        rows: The number of rows.
        line: The line of the example; None where it is not known.
        example: A value; None where there is none.
        settings: Settings that explain rows, with the number of rows that each explains, the most first.
        unknown_options: The number of different options that do not exist, up to 10,000.
    """

    attribute: str
    column: str
    cause: str
    rows: int
    line: object
    example: object = None
    settings: tuple[tuple[ImportSetting, int], ...] = ()
    unknown_options: int = 0

    def __str__(self) -> str:
        about = f"{self.attribute}: " if self.attribute else ""
        like = f" like {show(self.example)}" if self.example is not None else ""
        where = f" (line {self.line})" if self.line is not None else ""
        return f"{about}{_rows(self.rows)}{like}{where}: {self.cause}{self._hint()}"

    def _hint(self) -> str:
        if not self.settings:
            return ""
        named = [
            str(setting) if rows == self.rows else f"{setting} ({_rows(rows)})"
            for setting, rows in self.settings[:_MOST_SETTINGS]
        ]
        creates = f", which creates {self.unknown_options:,}" if self.unknown_options else ""
        return f"; try {' or '.join(named)}{creates}"

    def _json_fields(self) -> JsonFields:
        fields = [(name, value) for name, value in super()._json_fields() if name != "settings"]
        settings = [{**setting.to_dict(), "rows": rows} for setting, rows in self.settings]
        return [*fields, ("settings", settings)]


@attrs.define
class _Tally:
    attribute: str
    column: str
    cause: str
    line: object
    example: object
    rows: int = 0
    fewest: int = 1_000
    settings: Counter[ImportSetting] = attrs.field(factory=Counter[ImportSetting])
    unknown_options: set[str] = attrs.field(factory=set[str])

    def problem(self) -> ImportProblem:
        ranked = self.settings.most_common()
        most = ranked[0][1] if ranked else 0
        return ImportProblem(
            attribute=self.attribute,
            column=self.column,
            cause=self.cause,
            rows=self.rows,
            line=self.line,
            example=self.example,
            settings=tuple((setting, rows) for setting, rows in ranked if rows * 2 >= most),
            unknown_options=len(self.unknown_options),
        )


class ProblemTally:
    """Counts the causes for which rows are not written.

    Args:
        multiselects: Attributes with several values, whose cells may have another separator.
    """

    def __init__(self, multiselects: Collection[str] = ()) -> None:
        self._multiselects = multiselects
        self._causes: dict[tuple[str, str], _Tally] = {}
        self.more_causes: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count the outcome of a row, if it failed."""
        if outcome.error is None:
            return
        seen: set[tuple[str, str]] = set()
        for problem, column, settings in _problems(outcome.error):
            cause = _cause(problem)
            key = (problem.slug, cause)
            tally = self._tally(key, outcome.label, problem, column, cause)
            if tally is None:
                continue
            if _CREATE_OPTIONS in settings and len(tally.unknown_options) < _MOST_OPTIONS:
                tally.unknown_options.add(folded(str(problem.value)))
            if key in seen:
                continue
            seen.add(key)
            tally.rows += 1
            possible = [*settings]
            if problem.slug in self._multiselects:
                possible = [*_separators(problem.value), *settings]
            tally.settings.update(dict.fromkeys(possible, 1))
            if possible and len(possible) < tally.fewest:  # the clearest example
                tally.fewest = len(possible)
                tally.line, tally.example = outcome.label, problem.value

    def _tally(
        self, key: tuple[str, str], label: object, problem: Problem, column: str, cause: str
    ) -> _Tally | None:
        if key not in self._causes and len(self._causes) >= _MOST_CAUSES:
            self.more_causes += 1
            return None
        return self._causes.setdefault(key, _Tally(problem.slug, column, cause, label, problem.value))

    def problems(self) -> list[ImportProblem]:
        """Return the causes, those of most rows first."""
        found = [tally.problem() for tally in self._causes.values()]
        return sorted(found, key=lambda each: -each.rows)


def _problems(error: AttioError) -> Iterator[tuple[Problem, str, Sequence[ImportSetting]]]:
    if isinstance(error, UnclearCells):
        yield from zip(error.problems, error.columns, error.settings, strict=True)
    elif isinstance(error, DuplicateKey):
        settings = [ImportSetting("duplicates", choice) for choice in ("first", "last", "merge")]
        for problem in error.problems:
            yield problem, "", settings
    elif isinstance(error, CoercionError):
        for problem in error.problems:
            yield problem, "", _settings_of(problem)
    else:
        yield Problem("", None, None, str(error)), "", ()


def _settings_of(problem: Problem) -> Sequence[ImportSetting]:
    if problem.reason.startswith("unknown option"):
        return [_CREATE_OPTIONS]
    if problem.reason.startswith("has no value to match on"):
        return [ImportSetting("create_unmatched")]
    if problem.reason.startswith("is required") and problem.value is None:
        return [ImportSetting("set", f"{problem.slug}=VALUE")]
    if problem.reason.startswith("matches ") and problem.reason.partition(" records: ")[1]:
        return [ImportSetting("on_ambiguous", choice) for choice in ("first", "skip")]
    return ()


def _separators(value: object) -> list[ImportSetting]:
    """Return the separators that would make several values of one."""
    found = [mark for mark in _SEPARATORS if isinstance(value, str) and mark in value.strip()]
    return [ImportSetting("separator", mark) for mark in found[:1]]


def _cause(problem: Problem) -> str:
    """Return the reason without the value and the names of other rows, so that many rows share it."""
    shown = show(problem.value)
    reason = _OTHER_ROW.sub("another row has", problem.reason.replace(shown, "").strip(" :"))
    found, count, _ = reason.partition(" records: ")
    return re.sub(r"\d+", "several", found) + " records" if count else " ".join(reason.split())


@public
class ImportPlan(Plan[BulkReport]):
    """The writes that an import would send, and the problems in its way. Nothing was written.

    ::

        async with await attio.people.import_from("people.csv").plan() as plan:
            print(await plan.table())
            report = await plan.apply()

    Attributes:
        source: The file, and how it was read.
        target: The slug of the object or list.
        match: The attribute that finds existing records or entries; empty where nothing does.
        rows: The number of rows in the file.
        create, update, unchanged, invalid, duplicate: The number of rows by what would become of them. Rows that refer
            to records which do not exist are invalid.
        columns: Where each column goes, such as ``{"First name": "name.first_name"}``.
        guessed_columns: Those of them whose names only resemble the attributes'.
        skipped: Columns that are left out, because Attio sets their attributes or because they were to be skipped.
        problems: The causes for which rows would not be written, those of most rows first.
        proposals: Settings that would decide values, with the number of rows that each explains. None is applied.
        new_options: Options that would be created, by attribute.
        missing_references: Records that rows refer to and that do not exist.
        creates_references: True if these would be created.
        new_parents: The number of records that would be created to be put in the list.
        guessed_names: The number of full names that are split by guess.
        first_guess: The first of them: its line, its text, and the first and last name.
        notes: What was left out of values, and how the file was read, as far as that is not certain.
        stop_reason: Why planning ended early; None when it did not.
    """

    __slots__ = (
        "_apply",
        "_files",
        "_job",
        "_once",
        "columns",
        "create",
        "creates_references",
        "duplicate",
        "first_guess",
        "guessed_columns",
        "guessed_names",
        "invalid",
        "match",
        "missing_references",
        "new_options",
        "new_parents",
        "notes",
        "problems",
        "proposals",
        "rows",
        "skipped",
        "source",
        "stop_reason",
        "target",
        "unchanged",
        "update",
    )

    def __init__(
        self,
        job: JobPlan,
        *,
        table: ImportTable,
        target: str,
        match: str,
        columns: ColumnMap,
        tally: ProblemTally,
        seen: RowNotes,
        new_options: Mapping[str, Sequence[str]],
        new_parents: int,
        new_rows: int,
        creates_references: bool,
        apply: Callable[[JobPlan], Awaitable[BulkReport]],
        files: ExitStack,
    ) -> None:
        self.source: str = str(table)
        self.target: str = target
        self.match: str = match
        self.rows: int = table.count
        self.create: int = job.create + new_rows
        self.update: int = job.update
        self.unchanged: int = job.unchanged
        self.invalid: int = job.invalid
        self.duplicate: int = job.duplicate
        self.columns: dict[str, str] = {name: str(found) for name, found in columns.destinations.items()}
        self.guessed_columns: tuple[str, ...] = tuple(
            name for name, found in columns.destinations.items() if found.is_guess
        )
        self.skipped: tuple[str, ...] = (*columns.read_only, *columns.skipped)
        self.new_options: dict[str, tuple[str, ...]] = {
            slug: tuple(titles) for slug, titles in new_options.items()
        }
        self.missing_references: tuple[MissingReference, ...] = job.missing_references
        self.creates_references: bool = creates_references
        self.new_parents: int = new_parents
        self.guessed_names: int = seen.guesses
        self.first_guess: tuple[int | str, str, Name] | None = seen.first_guess
        self.problems: tuple[ImportProblem, ...] = all_problems(tally, job)
        self.proposals: tuple[tuple[ImportSetting, int], ...] = tuple(_proposals(self.problems, seen))
        notes = {
            text: rows for text, rows in job.notes.items() if not text.startswith("first and last names")
        }
        self.notes: tuple[str, ...] = (
            *([f"{table.name} {table.guess}"] if table.guess else []),
            *([table.misread] if table.misread else []),
            *(f"{text} in {_rows(rows)}" for text, rows in notes.items()),
        )
        self.stop_reason: AttioError | str | None = job.stop_reason
        self._job = job
        self._apply = apply
        self._once = Once()
        self._files = files

    def _json_fields(self) -> JsonFields:
        names = [name for name in self.__slots__ if not name.startswith("_")]
        replaced: dict[str, Any] = {
            "proposals": [{**setting.to_dict(), "rows": rows} for setting, rows in self.proposals],
            "first_guess": None,
        }
        if self.first_guess is not None:
            line, text, name = self.first_guess
            parts = {"first_name": name.first_name, "last_name": name.last_name}
            replaced["first_guess"] = {"line": line, "text": text, **parts}
        return [(name, replaced.get(name, getattr(self, name))) for name in names]

    def __repr__(self) -> str:
        return f"<ImportPlan {self}>"

    def __str__(self) -> str:
        counts = {
            "to create": self.create,
            "to update": self.update,
            "unchanged": self.unchanged,
            "invalid": self.invalid,
            "duplicate": self.duplicate,
        }
        listed = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{self.target}: {listed or 'no rows'}; {_rows(self.rows)} in {self.source}"

    async def planned_rows(self) -> AsyncGenerator[PlannedRow]:
        """Yield the rows that would be written, in their order, then those that cannot be."""
        async with aclosing(self._job.rows()) as rows:
            async for row in rows:
                yield row

    async def table(self, *, limit: int = 50, details: bool = False) -> str:
        """Return the plan as text: totals, columns, and problems by cause.

        Args:
            limit: The most problems, and the most rows, to list.
            details: Whether to list the rows, too.
        """
        lines = [str(self), *self._columns_text()]
        lines += problem_lines(self.problems, self.proposals, limit=limit)
        lines += _section("To be looked at", list(self._remarks()), limit)
        if details:
            _, *rows = (await self._job.table(limit=limit)).splitlines()
            lines += ["Rows:", *rows]
        return "\n".join(lines)

    def _columns_text(self) -> Iterator[str]:
        shown = list(self.columns.items())[:_MOST_COLUMNS]
        yield "Columns:" if shown else "Columns: none"
        for column, destination in shown:
            guess = " (by a similar name)" if column in self.guessed_columns else ""
            key = " (finds what exists)" if destination == self.match else ""
            yield f"  {column} -> {destination}{guess}{key}"
        if len(self.columns) > _MOST_COLUMNS:
            yield f"  and {len(self.columns) - _MOST_COLUMNS:,} more"
        if self.skipped:
            yield f"  left out: {_few(self.skipped)}"

    def _remarks(self) -> Iterator[str]:
        if self.first_guess is not None:
            line, text, name = self.first_guess
            yield (
                f"{self.guessed_names:,} full names are split by guess, such as {text!r} (line {line}): first name"
                f" {name.first_name!r}, last name {name.last_name!r}"
            )
        for slug, titles in self.new_options.items():
            yield f"{slug}: {len(titles):,} options would be created: {_few(titles)}"
        if self.new_parents:
            yield f"{self.new_parents:,} records would be created to be put in {self.target}"
        if not self.creates_references:
            for (target, attribute), found in _kinds(self.missing_references, may_be_created=True):
                rows = _rows(sum(each.rows for each in found))
                yield (
                    f"{rows} with {target}.{attribute} like {show(found[0].value)}: their {target} do not exist yet, and"
                    " have to be created by rows before them"
                )
        elif self.missing_references:
            count = len(self.missing_references)
            yield f"{count:,} records would be created that rows refer to, such as {self.missing_references[0]}"
        yield from self.notes

    async def apply(self) -> BulkReport:
        """Create options that are missing, write the rows that change something, and return the report.

        What exists is read again just before. Rows with a problem are not written, and counted as failed.

        Raises:
            ConfigurationError: The plan was applied already, or is closed. Nothing was sent.
        """
        self._once.use()
        return await self._apply(self._job)

    async def aclose(self) -> None:
        """Discard the plan and close the file."""
        self._once.close()
        await self._job.aclose()
        self._files.close()


def _kinds(
    missing: Sequence[MissingReference], *, may_be_created: bool
) -> Iterator[tuple[tuple[str, str], list[MissingReference]]]:
    """Yield the missing records by their object and attribute."""
    kinds: dict[tuple[str, str], list[MissingReference]] = {}
    for each in missing:
        if each.may_be_created == may_be_created:
            kinds.setdefault((each.object, each.attribute), []).append(each)
    yield from kinds.items()


def _missing(missing: Sequence[MissingReference]) -> Iterator[ImportProblem]:
    """Yield a problem for each kind of record that rows refer to in vain."""
    for (name, attribute), found in _kinds(missing, may_be_created=False):
        rows = sum(each.rows for each in found)
        yield ImportProblem(
            attribute=f"{name}.{attribute}",
            column="",
            cause=f"their {name} do not exist",
            rows=rows,
            line=None,
            example=found[0].value,
            settings=((ImportSetting("create_references"), rows),),
        )


def all_problems(tally: ProblemTally, job: JobPlan) -> tuple[ImportProblem, ...]:
    """Return the causes for which the rows of a plan would not be written."""
    return (*tally.problems(), *_missing(job.missing_references))


def problem_lines(
    problems: Sequence[ImportProblem],
    proposals: Iterable[tuple[ImportSetting, int]] | None = None,
    *,
    limit: int,
) -> list[str]:
    """Return problems, and the settings that would decide them, as lines of text."""
    if proposals is None:
        proposals = _proposals(problems, RowNotes())
    return [
        *_section("Problems", [str(problem) for problem in problems], limit),
        *_section("Proposed settings, none of them applied", [_proposal(*each) for each in proposals], limit),
    ]


def _section(heading: str, found: Sequence[str], limit: int) -> list[str]:
    if not found:
        return []
    more = [f"and {len(found) - limit:,} more"] if len(found) > limit else []
    return [f"{heading}:", *(f"  {line}" for line in [*found[:limit], *more])]


def _proposals(problems: Sequence[ImportProblem], seen: RowNotes) -> Iterator[tuple[ImportSetting, int]]:
    """Yield the settings that the problems name, and words that may stand for no value, with the rows of each."""
    rows: Counter[ImportSetting] = Counter()
    for problem in problems:
        for setting, count in problem.settings[:_MOST_SETTINGS]:
            if setting.name != "set" and setting.value != "FORMAT":
                rows[setting] += count
    for text, (count, _) in seen.null_words.items():
        rows[ImportSetting("null", text)] += count
    yield from rows.most_common()


def _proposal(setting: ImportSetting, rows: int) -> str:
    return f"{setting}: {_rows(rows)}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
