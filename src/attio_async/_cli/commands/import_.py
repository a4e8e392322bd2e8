"""`import`: write the rows of files as records."""

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Refusal, as_refusal
from ..options import (
    ConnectionOptions,
    FormulaHandling,
    Formulas,
    Separator,
    check_distinct_files,
    check_separator,
)
from ..output import print_json, print_text, tell
from ..workspace import write_workspace

if TYPE_CHECKING:
    from typing import TextIO

    from ..importer.models import ImportRequest, ImportResult
    from ..importer.runner import ImportRun

_MAX_NAMES = 5


class OnError(StrEnum):
    """The reactions to a row that fails."""

    stop = "stop"
    collect = "collect"


async def import_(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="CSV or JSONL in UTF-8; - for standard input."),
    ] = None,
    *,
    object_: Annotated[
        list[str] | None,
        typer.Option(
            "--object",
            metavar="OBJECT",
            help="Object that the rows are records of, such as people; once per file.",
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
            help="Unique attribute that finds existing records, such as domains; may be repeated.",
        ),
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar='"COLUMN=SLUG"', help="Attribute of a column; may be repeated."),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Column to leave out; may be repeated.")
    ] = None,
    separator: Separator = ";",
    formulas: Formulas = FormulaHandling.escape,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Validate every row without asking Attio; write nothing.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would change in the workspace; write nothing.")
    ] = False,
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

    Records that exist are updated, the others created. The columns of a CSV file, or the keys of a JSONL file, go to
    the attributes of the same slug or title, in any case; --map and --skip change that. An empty cell leaves its attribute unchanged. The values of a multiselect attribute are
    replaced, except that --match adds to its own. Rows that change nothing are not written.

    Of several files, those that others refer to are imported first, and each has its own --report and --dead-letters:
    failed.people.jsonl and so on. The files that `export` writes can be imported again.

    Ctrl-C finishes the rows on their way; a second one cuts them off.

    Examples:
      attio-async import companies.csv --object companies --match domains --plan
      attio-async import leads.csv --object people --match email_addresses --map "Mail=email_addresses"
      attio-async import leads.csv --list sales --parent-match domains
      attio-async import companies.csv --object companies --match domains --journal import.db
      attio-async import --replay failed.jsonl --object companies --match domains

    Exit codes:
      0    every row was written; with --dry-run or --plan, could be
      1    some rows failed or were not tried
      2    nothing was written: wrong usage, file, token or configuration
      130  interrupted
    """
    from ..importer.columns import parse_renames
    from ..importer.models import ImportRequest
    from ..importer.runner import prepare_imports, prepare_list_import, prepare_replay
    from ..importer.table import open_source, scan

    check_separator(separator)
    if dry_run and plan:
        raise Refusal("give either --dry-run or --plan")
    request = ImportRequest(
        files=files or (),
        objects=object_ or (),
        list_name=list_,
        parent_match=parent_match,
        matches=match or (),
        renames=parse_renames(map_ or ()),
        skip=skip or (),
        separator=separator,
        formulas=formulas.value,
        mode="check" if dry_run else "plan" if plan else "write",
        journal=journal,
        resume=resume,
        on_error=on_error.value,
        max_failures=max_failures,
        dead_letters=dead_letters,
        replay=replay,
        report=report,
    )
    _check_files(request, connection.embedded)
    with ExitStack() as stack:
        tables = [scan(stack.enter_context(open_source(file))) for file in request.files]
        async with write_workspace(connection, announce=False) as attio:
            with as_refusal():
                if replay is None and list_ is not None:
                    runs = [await prepare_list_import(attio, request, tables[0])]
                elif replay is None:
                    runs = await prepare_imports(attio, request, tables)
                else:
                    runs = [await prepare_replay(attio, request)]
            code = 0
            for run in runs:
                result = await watch(run, sys.stderr)
                _print_result(result, as_json=as_json, is_object=list_ is None)
                code = max(code, result.exit_code)
                if result.interrupted:
                    break
    return code


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


def summary_lines(result: "ImportResult", *, is_object: bool = True) -> list[str]:
    """Return the result of an import in words, failures first.

    Args:
        result: The result.
        is_object: False for the import into a list.
    """
    import shlex

    lines = [str(failed) for failed in result.failures]
    if result.more_failures:
        lines.append(f"and {result.more_failures:,} more; --report FILE lists all")
    if result.ignored_columns:
        more = len(result.ignored_columns) - _MAX_NAMES
        rest = f" and {more} more" if more > 0 else ""
        lines.append(
            f"skipped columns that Attio sets itself: {', '.join(result.ignored_columns[:_MAX_NAMES])}{rest}"
        )
    lines.append(f"{result.object}: {_counts(result)}")
    if result.dead_letters is not None:
        file = shlex.quote(str(result.dead_letters))
        where = f"--object {result.object} --match {result.match}" if is_object else f"--list {result.object}"
        command = f"attio-async import --replay {file} {where}"
        lines.append(f"Fix the rows in {result.dead_letters}, then run: {command}")
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
    check_distinct_files({"--replay": request.replay, **written})


def _print_result(result: "ImportResult", *, as_json: bool, is_object: bool) -> None:
    import attrs

    if as_json:
        print_json(attrs.asdict(result) | {"not_tried": result.not_tried})
    elif result.plan is not None:
        print_text(result.plan)
    tell("\n".join(summary_lines(result, is_object=is_object)))


def _counts(result: "ImportResult") -> str:
    rows = _rows(result.rows)
    if result.mode == "check":
        return (
            f"dry run, nothing was written; of {rows}, {result.checked:,} are valid and {result.failed:,} are not,"
            " as far as can be told without asking Attio"
        )
    if result.mode == "plan":
        return f"plan, nothing was written; {result.planned:,} of {rows} would be"
    return (
        f"{result.created:,} created, {result.updated:,} updated, {result.unchanged:,} unchanged,"
        f" {result.failed:,} failed; {result.requests:,} requests, {result.rate_limited or 'none'} rate-limited;"
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
