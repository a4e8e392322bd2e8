"""`import`: write the rows of files as records."""

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ..._utils.text import folded
from ..errors import Refusal, as_refusal
from ..options import (
    ConnectionOptions,
    FormulaHandling,
    Formulas,
    OptionGroup,
    Separator,
    check_distinct_files,
    check_separator,
)
from ..output import print_json, print_text, tell
from ..workspace import write_workspace

if TYPE_CHECKING:
    from typing import TextIO

    from ...bulk import ColumnMapping, ImportReader, ImportTable, ValueFormats
    from ..importer.models import ImportRequest, ImportResult
    from ..importer.runner import ImportRun

_MAX_NAMES = 5


class OnError(StrEnum):
    """The reactions to a row that fails."""

    stop = "stop"
    collect = "collect"


class OnSeveral(StrEnum):
    """The reactions to several records with the value that is matched on."""

    error = "error"
    first = "first"
    skip = "skip"


class SameKey(StrEnum):
    """The treatments of rows with the same key."""

    error = "error"
    first = "first"
    last = "last"
    merge = "merge"


class BlankCell(StrEnum):
    """The meanings of a blank cell."""

    skip = "skip"
    clear = "clear"


class SourceFormat(StrEnum):
    """The forms of files that are read."""

    csv = "csv"
    jsonl = "jsonl"
    json = "json"
    xlsx = "xlsx"
    parquet = "parquet"


class Percent(StrEnum):
    """The meanings of a percent sign."""

    number = "number"
    fraction = "fraction"


@dataclass(frozen=True, kw_only=True)
class SourceOptions(OptionGroup):
    """The forms of files, where they should not be found out."""

    source_format: Annotated[
        SourceFormat | None, typer.Option("--format", help="Form of the files.  [default: found out]")
    ] = None
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="Encoding of text files, such as cp1252.")
    ] = None
    delimiter: Annotated[
        str | None, typer.Option(metavar="CHARACTER", help="Character between the cells of a CSV file.")
    ] = None
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Sheet of a spreadsheet.")] = None
    skip_lines: Annotated[
        int, typer.Option(min=0, metavar="N", help="Lines before the header, such as a title.")
    ] = 0

    def reader(self) -> "ImportReader":
        """Return the reader.

        Raises:
            Refusal: An option is wrong.
        """
        from ...bulk import ImportReader

        with as_refusal():
            return ImportReader(
                format=self.source_format.value if self.source_format else None,
                encoding=self.encoding,
                delimiter=None if self.delimiter is None else _unescaped(self.delimiter),
                sheet=self.sheet,
                skip_lines=self.skip_lines,
            )


@dataclass(frozen=True, kw_only=True)
class ValueOptions(OptionGroup):
    """The forms of values in files."""

    separator: Separator = ";"
    formulas: Formulas = FormulaHandling.escape
    region: Annotated[
        str | None, typer.Option(metavar="CODE", help="Country of phone numbers without one, such as GB.")
    ] = None
    dayfirst: Annotated[
        bool | None,
        typer.Option("--dayfirst/--no-dayfirst", help="Whether the day comes first in 05/06/2024."),
    ] = None
    date_format: Annotated[
        list[str] | None,
        typer.Option(metavar="FORMAT", help='Format of dates, such as "%d.%m.%y" or excel; may be repeated.'),
    ] = None
    decimal: Annotated[
        str | None, typer.Option(metavar="MARK", help="Mark before the decimals: a point or a comma.")
    ] = None
    true: Annotated[
        list[str] | None, typer.Option("--true", metavar="WORD", help="Word for a set checkbox.")
    ] = None
    false: Annotated[
        list[str] | None, typer.Option("--false", metavar="WORD", help="Word for one that is not set.")
    ] = None
    null: Annotated[
        list[str] | None, typer.Option("--null", metavar="TEXT", help='Text for no value, such as "n/a".')
    ] = None
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Zone of times without one, such as Europe/London.")
    ] = None
    percent: Annotated[Percent | None, typer.Option(help="Whether 12 % is 12 or 0.12.")] = None
    ignore_currency: Annotated[
        bool, typer.Option("--ignore-currency", help="Take amounts in other currencies as they are.")
    ] = False

    def formats(self, mapping: Path | None) -> "ValueFormats":
        """Return the formats; those of a mapping file count where no option is given.

        Raises:
            Refusal: An option or the file is wrong.
        """
        from ...bulk import ValueFormats

        given = {
            "separator": None if self.separator == ";" else _unescaped(self.separator),
            "formulas": None if self.formulas is FormulaHandling.escape else self.formulas.value,
            "region": self.region,
            "dayfirst": self.dayfirst,
            "date_format": self.date_format,
            "decimal": self.decimal,
            "true": self.true,
            "false": self.false,
            "null": self.null,
            "timezone": self.timezone,
            "percent": None if self.percent is None else self.percent.value,
            "ignore_currency": self.ignore_currency or None,
        }
        chosen = {name: value for name, value in given.items() if value not in (None, [])}
        with as_refusal():
            kept = {} if mapping is None else ValueFormats.from_file(mapping).to_dict()
            return ValueFormats.from_dict(kept | chosen)


@dataclass(frozen=True, kw_only=True)
class MappingOptions(OptionGroup):
    """The destinations of columns."""

    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar='"COLUMN=SLUG"',
            help="Attribute of a column, or a part, such as name.first_name.",
        ),
    ] = None
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SLUG=VALUE", help="Value of an attribute for every row."),
    ] = None
    skip: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to leave out; may be repeated.")
    ] = None
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out all columns that match no attribute.")
    ] = False
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Mapping file that --save-mapping has written.")
    ] = None
    save_mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the mapping and the formats of values to FILE.")
    ] = None

    def columns(self, *, is_replay: bool = False) -> "ColumnMapping":
        """Return the mapping; options come before what a mapping file says.

        Args:
            is_replay: Whether the rows were mapped before; a mapping file still has their formats.

        Raises:
            Refusal: An option or the file is wrong.
        """
        from ...bulk import ColumnMapping

        given = {
            "--map": self.map_,
            "--set": self.set_,
            "--skip": self.skip,
            "--skip-unknown": self.skip_unknown,
            "--save-mapping": self.save_mapping,
        }
        if is_replay and (of_files := [option for option, value in given.items() if value]):
            raise Refusal(f"{of_files[0]} is for files, and the rows of --replay were read before")
        with as_refusal():
            kept = ColumnMapping() if self.mapping is None else ColumnMapping.from_file(self.mapping)
        mapped = parse_pairs("--map", "COLUMN=SLUG", self.map_ or ())
        named = set(map(folded, mapped))
        left = {column: name for column, name in kept.columns.items() if folded(column) not in named}
        return ColumnMapping(
            columns={**left, **mapped},
            constants={**kept.constants, **parse_pairs("--set", "SLUG=VALUE", self.set_ or (), first=True)},
            skip=(*kept.skip, *(self.skip or ())),
            skip_unknown=self.skip_unknown or kept.skip_unknown,
        )


@dataclass(frozen=True, kw_only=True)
class WayOptions(OptionGroup):
    """The way rows are written, and what else is created."""

    create: Annotated[bool, typer.Option("--create", help="Create every row; update nothing.")] = False
    update: Annotated[bool, typer.Option("--update", help="Update what exists; create nothing.")] = False
    on_ambiguous: Annotated[
        OnSeveral | None,
        typer.Option(help="Match on an attribute that is not unique; what to do with several matches."),
    ] = None
    create_options: Annotated[
        bool, typer.Option("--create-options", help="Create options that select attributes do not have.")
    ] = False
    create_references: Annotated[
        bool, typer.Option("--create-references", help="Create records that rows refer to.")
    ] = False
    create_parents: Annotated[
        bool, typer.Option("--create-parents", help="With --list: create parent records that do not exist.")
    ] = False
    create_unmatched: Annotated[
        bool, typer.Option("--create-unmatched", help="Create a record for a row without a key.")
    ] = False
    duplicates: Annotated[SameKey, typer.Option(help="What to do with rows that have the same key.")] = (
        SameKey.error
    )
    nulls: Annotated[
        BlankCell, typer.Option(help="Whether a blank cell leaves its attribute alone or clears it.")
    ] = BlankCell.skip

    def request(self) -> "dict[str, Any]":
        """Return the fields of a request.

        Raises:
            Refusal: Both --create and --update are given.
        """
        if self.create and self.update:
            raise Refusal("give either --create or --update; without both, rows are updated or created")
        return {
            "way": "create" if self.create else "update" if self.update else "upsert",
            "on_ambiguous": None if self.on_ambiguous is None else self.on_ambiguous.value,
            "create_options": self.create_options,
            "create_references": self.create_references,
            "create_parents": self.create_parents,
            "create_unmatched": self.create_unmatched,
            "duplicates": "refuse" if self.duplicates is SameKey.error else self.duplicates.value,
            "nulls": self.nulls.value,
        }


async def import_(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...", help="CSV, TSV, JSONL, JSON, a spreadsheet or Parquet; - for standard input."
        ),
    ] = None,
    *,
    object_: Annotated[
        list[str] | None,
        typer.Option(
            "--object",
            metavar="OBJECT",
            help="Object that the rows are records of, such as people; once per file, or once for all.",
        ),
    ] = None,
    list_: Annotated[
        str | None,
        typer.Option("--list", metavar="LIST", help="List that the rows are entries of."),
    ] = None,
    parent_match: Annotated[
        str | None,
        typer.Option(
            metavar="SLUG",
            help="With --list: unique attribute that finds the parent records; parent_record for a file of `export`.",
        ),
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[OBJECT=]SLUG",
            help="Unique attribute that finds existing records, such as domains, or record_id to update.",
        ),
    ] = None,
    way: WayOptions,
    columns: MappingOptions,
    values: ValueOptions,
    source: SourceOptions,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Validate every row without asking Attio; write nothing.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change in the workspace; write nothing.")
    ] = False,
    details: Annotated[bool, typer.Option("--details", help="With --plan: list the rows, too.")] = False,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record progress in FILE; the same command resumes from there."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Require the journal to exist.")] = False,
    dead_letters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that fail to FILE, for --replay.")
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="DEAD_LETTERS", help="Import the rows that failed before, instead of files."),
    ] = None,
    max_failures: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Stop when more than N rows have failed.")
    ] = None,
    on_error: Annotated[
        OnError, typer.Option(help="Whether to stop at the first row that fails.")
    ] = OnError.collect,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the reasons of all failures to FILE, as CSV.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    connection: ConnectionOptions,
) -> int:
    """Write the rows of files as records, or as entries of a list.

    Records that exist are updated, the others created. Columns go to the attributes of the same slug or title, in any
    case; --map and --skip change that. A blank cell leaves its attribute unchanged. The values of a multiselect
    attribute are replaced, except that --match adds to its own. Rows that change nothing are not written.

    What is certain in a file is written; a row with a value that is not fails, and the message names the option that
    decides it. --plan shows first what would be written, and what is in the way, by cause.

    Of several files, those that others refer to are imported first, and each has its own --report and --dead-letters:
    failed.people.jsonl and so on. The files that `export` writes can be imported again.

    Ctrl-C finishes the rows on their way; a second one cuts them off.

    Examples:
      attio-async import companies.csv --object companies --plan
      attio-async import people.csv --object people --region GB --dayfirst --save-mapping people.toml
      attio-async import leads.csv --object people --match email_addresses --map "Mail=email_addresses"
      attio-async import leads.csv --list sales --parent-match domains
      attio-async import deals.csv --object deals --create --set stage=Lead
      attio-async import companies.csv --object companies --match domains --journal import.db
      attio-async import --replay failed.jsonl --object companies --match domains

    Exit codes:
      0    every row was written; with --dry-run or --plan, could be
      1    some rows failed or were not tried
      2    nothing was written: wrong usage, file, token or configuration
      130  interrupted
    """
    from ...errors import AttioError
    from ..importer.models import ImportRequest
    from ..importer.runner import mapping_of, prepare_imports, prepare_replay

    check_separator(values.separator)
    if dry_run and plan:
        raise Refusal("give either --dry-run or --plan")
    request = ImportRequest(
        files=files or (),
        objects=object_ or (),
        list_name=list_,
        parent_match=parent_match,
        matches=match or (),
        mapping=columns.columns(is_replay=replay is not None),
        formats=values.formats(columns.mapping),
        reader=source.reader(),
        details=details,
        mode="check" if dry_run else "plan" if plan else "write",
        journal=journal,
        resume=resume,
        on_error=on_error.value,
        max_failures=max_failures,
        dead_letters=dead_letters,
        replay=replay,
        report=report,
        **way.request(),
    )
    _check_files(request, connection.embedded)
    with ExitStack() as stack:
        with as_refusal():
            tables = [stack.enter_context(request.reader.open(file)) for file in request.files]
        _tell_doubts(tables)
        async with write_workspace(connection, announce=False) as attio:
            with as_refusal():
                if replay is None:
                    runs = await prepare_imports(attio, request, tables)
                else:
                    runs = [await prepare_replay(attio, request)]
                if columns.save_mapping is not None:
                    mapping_of(runs).save(columns.save_mapping, request.formats)
            code = 0
            for run in runs:
                try:
                    result = await watch(run, sys.stderr)
                except AttioError:  # such as a full disk, after rows were written
                    if run.result.known:
                        _print_result(run.result, _replay_command(run, connection), as_json=as_json)
                    raise
                _print_result(result, _replay_command(run, connection), as_json=as_json)
                code = max(code, result.exit_code)
                if result.interrupted:
                    break
    return code


def _tell_doubts(tables: "Iterable[ImportTable]") -> None:
    """Say what is not certain about how files were read, before anything is written."""
    for table in tables:
        if table.guess:
            tell(f"{table.name} {table.guess}; --encoding says another")
        if table.misread:
            tell(table.misread)


def parse_pairs(option: str, form: str, given: Iterable[str], *, first: bool = False) -> dict[str, str]:
    """Parse the values of an option that takes two texts with an equals sign between them.

    Args:
        option: The option.
        form: The form of its values.
        given: The values.
        first: Whether the first equals sign separates, not the last.

    Raises:
        Refusal: A value is not of this form, or a name is given twice.
    """
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=") if first else text.rpartition("=")
        if not (equals and name.strip() and value.strip()):
            raise Refusal(f'{option} {text!r} is not of the form "{form}"')
        if folded(name) in map(folded, pairs):
            raise Refusal(f"{option} is given twice for {name.strip()!r}")
        pairs[name.strip()] = value.strip()
    return pairs


def _unescaped(text: str) -> str:
    """Return a text in which a line break and a tab may be written as in most languages."""
    return text.replace("\\n", "\n").replace("\\t", "\t")


async def watch(run: "ImportRun", stream: "TextIO") -> "ImportResult":
    """Run an import with progress on `stream`. Ctrl-C stops it; a second one cuts it off."""
    from ..progress import show_progress
    from ..runner import run_stoppable

    result = run.result
    label = f"{result.object} (dry run)" if result.mode == "check" else result.object
    with show_progress(stream, run.attio.settings.clock, label, result.rows) as progress:

        def stop() -> None:
            run.stop()
            progress.note(
                f"Stopping: no further rows are written; the {run.in_flight} on their way are finished."
                " Press Ctrl-C again to cut them off."
            )

        await run_stoppable(lambda: run.run(progress.advance), on_stop=stop)
    return result


def _replay_command(run: "ImportRun", connection: ConnectionOptions) -> str:
    """Return the command that replays the dead letters of an import in its way, to the same workspace."""
    from ...bulk import ImportSetting

    request, result = run.request, run.result
    given: dict[str, object] = {
        "replay": result.dead_letters,
        "list" if request.list_name is not None else "object": result.object,
        "match": (result.match or None) if request.list_name is None else None,
        "on_ambiguous": request.on_ambiguous,
        request.way: request.way != "upsert" or None,
        "create_unmatched": request.create_unmatched or None,
        "create_options": request.create_options or None,
        "create_references": request.create_references or None,
        "duplicates": None if request.duplicates == "refuse" else request.duplicates,
        "nulls": None if request.nulls == "skip" else request.nulls,
        **request.formats.to_dict(),
        "embedded": connection.embedded,
        "profile": connection.profile,
    }
    options = [
        str(ImportSetting(name, value))
        for name, values in given.items()
        for value in (cast("list[object]", values) if isinstance(values, list) else [values])
        if value is not None
    ]
    return " ".join(["attio-async", "import", *options])


def summary_lines(result: "ImportResult", replay: str = "") -> list[str]:
    """Return the result of an import in words, failures first.

    Args:
        result: The result.
        replay: The command that replays its dead letters.
    """
    is_plan = result.plan is not None  # which has the causes
    lines = [] if is_plan else [str(failed) for failed in result.failures]
    if result.more_failures and not is_plan:
        lines.append(f"and {result.more_failures:,} more; --report FILE lists all")
    if result.ignored_columns:
        more = len(result.ignored_columns) - _MAX_NAMES
        rest = f" and {more} more" if more > 0 else ""
        lines.append(
            f"skipped columns that Attio sets itself: {', '.join(result.ignored_columns[:_MAX_NAMES])}{rest}"
        )
    lines.append(f"{result.object}: {_counts(result)}")
    if result.dead_letters is not None:
        lines.append(f"Fix the rows in {result.dead_letters}, then run: {replay}")
    if result.not_tried or result.unknown:
        lines += _unfinished(result)
    return lines


def _check_files(request: "ImportRequest", embedded: Path | None) -> None:
    """Keep each file that is read from being one that is written."""
    written = {
        "--report": request.report,
        "--dead-letters": request.dead_letters,
        "--journal": request.journal,
        "--embedded": embedded,
    }
    for file in request.files:
        check_distinct_files({"FILE" if len(request.files) == 1 else file: file, **written})
    del written["--dead-letters"]  # which may replace the file once all its rows are settled
    check_distinct_files({"--replay": request.replay, **written})


def _print_result(result: "ImportResult", replay: str, *, as_json: bool) -> None:
    import attrs

    if as_json:
        data = attrs.asdict(result, recurse=False) | {"plan": result.plan_data, "not_tried": result.not_tried}
        data["failures"] = [attrs.asdict(each) for each in result.failures]
        del data["plan_data"]
        print_json(data)
    elif result.plan is not None:
        print_text(result.plan)
    tell("\n".join(summary_lines(result, replay)))


def _counts(result: "ImportResult") -> str:
    rows = _rows(result.rows)
    if result.mode == "check":
        return (
            f"dry run, nothing was written; of {rows}, {result.checked:,} are valid and {result.failed:,} are not,"
            " as far as can be told without asking Attio"
        )
    if result.mode == "plan":
        return f"plan, nothing was written; {result.planned:,} of {rows} would be"
    skipped = f", {result.duplicate:,} skipped as duplicates" if result.duplicate else ""
    before = f" ({result.resumed:,} of these rows before)" if result.resumed else ""
    return (
        f"{result.created:,} created, {result.updated:,} updated, {result.unchanged:,} unchanged,"
        f" {result.failed:,} failed{skipped}{before}; {result.requests:,} requests, {result.rate_limited or 'none'} rate-limited;"
        f" {result.seconds:.1f} s"
    )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _unfinished(result: "ImportResult") -> list[str]:
    lines = [result.stop_reason] if result.stop_reason else []
    where = "before the first row" if result.last_line is None else f"after line {result.last_line}"
    lines.append(f"stopped {where}; {result.not_tried:,} of {_rows(result.rows)} not tried")
    if result.unknown:
        lines.append(f"cut off on their way, perhaps written: {_rows(result.unknown)}")
    if result.mode == "write":
        lines.append(
            "Run the same command again to resume: rows that were written are found, not duplicated."
        )
    return lines
