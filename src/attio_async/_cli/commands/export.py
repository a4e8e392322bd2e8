"""`export`: write the records of an object, or the entries of a list, to a file."""

import io
import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Refusal, as_refusal
from ..options import (
    Columns,
    ConnectionOptions,
    FormulaHandling,
    Formulas,
    Name,
    Separator,
    View,
    check_distinct_files,
    check_separator,
    known_ending,
    refuse_existing,
)
from ..output import standard_output, tell
from ..target import find_target, select_attributes
from ..workspace import open_workspace

if TYPE_CHECKING:
    from typing import IO, TextIO

    from ..._client import Attio
    from ...bulk._export.csv import Formulas as FormulaChoice
    from ...bulk._export.export import ExportResult
    from ...bulk._export.formats import FormatName
    from ...query import Filter


DEFAULT_PARALLEL = 32
"""That of the library, which is loaded when a command runs."""


class FileFormat(StrEnum):
    """The format of an exported file."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


_BY_ENDING = {
    "": FileFormat.jsonl,
    "ndjson": FileFormat.jsonl,
    "jsonl": FileFormat.jsonl,
    "csv": FileFormat.csv,
    "parquet": FileFormat.parquet,
}


async def export(
    name: Name,
    *,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FILE", help="File to write; - for standard output.")
    ] = "-",
    format_: Annotated[
        FileFormat | None,
        typer.Option("--format", help="Format of FILE.  [default: by the ending of FILE; jsonl without one]"),
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option("--filter", metavar="F...|JSON", help="What to write, as for `query`.  [default: all]"),
    ] = None,
    view: View = None,
    columns: Columns = None,
    separator: Separator = ";",
    formulas: Formulas = FormulaHandling.escape,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Keep what was read when interrupted, and continue there next time."),
    ] = False,
    parallel: Annotated[
        int, typer.Option("--parallel", metavar="N", min=1, help="Pages to read at once.")
    ] = DEFAULT_PARALLEL,
    ordered: Annotated[
        bool, typer.Option("--ordered", help="Write the oldest first, not what arrives first.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    connection: ConnectionOptions,
) -> None:
    """Write all records of an object, or entries of a list, to a file.

    JSONL has one object per line; amounts of money are strings, so that no digit is lost, and dates are ISO 8601. CSV
    has a column per attribute; a cell that a spreadsheet would run as a formula starts with an apostrophe, which
    `import` removes, unless --formulas is keep. Parquet has typed columns and needs attio-async[parquet].
    The first column is the id; the second one of an entry is the record that it is about.

    Each is written exactly once, whatever others write meanwhile. The file appears whole or not at all; with --resume, FILE.part keeps what was read until then.

    Examples:
      attio-async export people -o people.csv
      attio-async export deals --filter 'F.stage == "Won"' --columns name,value --format csv
      attio-async export companies -o companies.parquet --resume
      attio-async export sales -o sales.parquet
    """
    from ..expressions import read_filter

    check_separator(separator)
    kind = format_ or _BY_ENDING["" if out == "-" else known_ending(Path(out), _BY_ENDING)]
    if out == "-" and (resume or kind is FileFormat.parquet):
        raise Refusal(f"{'--resume' if resume else 'Parquet'} needs a file; give --out FILE")
    refuse_existing(None if out == "-" else Path(out), force=force)
    condition = read_filter(filter_)
    check_distinct_files({"--out": out, "--embedded": connection.embedded})
    async with open_workspace(connection) as attio:
        with _kept_part(f"{out}.part" if resume else None):
            result = await run_export(
                attio,
                name,
                standard_output() if out == "-" else Path(out),
                format=kind.value,
                separator=separator,
                formulas=formulas.value,
                stream=io.StringIO()
                if out == "-" and sys.stdout.isatty()
                else sys.stderr,  # not between the lines
                filter=condition,
                view=view,
                select=columns,
                resume=resume,
                parallel=parallel,
                ordered=ordered,
            )
    if out == "-":
        standard_output().flush()
    place = "standard output" if out == "-" else out
    earlier = f" ({result.resumed:,} of them earlier)" if result.resumed else ""
    tell(f"{result.object}: {result.records:,} written to {place}{earlier}, {result.seconds:.1f} s")


async def run_export(
    attio: "Attio",
    name: str,
    target: "Path | IO[bytes]",
    *,
    format: "FormatName",
    separator: str,
    stream: "TextIO",
    formulas: "FormulaChoice" = "escape",
    filter: "Filter | None" = None,
    view: str | None = None,
    select: str | None = None,
    resume: bool = False,
    parallel: int = DEFAULT_PARALLEL,
    ordered: bool = False,
) -> "ExportResult":
    """Write the records of an object, or the entries of a list, to `target`, with progress on `stream`.

    Raises:
        Refusal: The name, an attribute or the filter is wrong. Nothing was written.
        AttioError: Reading failed; what was written so far is not all.
    """
    from ...bulk import Csv
    from ...errors import AttioError
    from ..progress import show_progress

    found = await find_target(attio, name)
    with as_refusal():
        attributes = select_attributes(await found.rows.schema(), select)
    with show_progress(stream, attio.settings.clock, found.slug) as progress:
        try:
            return await found.rows.export(
                target,
                format=Csv(separator, formulas) if format == "csv" else format,
                filter=filter,
                view=view,
                select=[attribute.slug for attribute in attributes],
                resume=resume,
                parallel=parallel,
                ordered=ordered,
                progress=lambda exported: progress.advance_to(exported.done),
            )
        except AttioError as error:
            if progress.done:
                raise
            raise Refusal(str(error)) from error


@contextmanager
def _kept_part(part: str | None) -> Generator[None]:
    """Say where the records are kept when a resumable export ends early."""
    try:
        yield
    except Refusal:
        raise
    except BaseException:
        if part is not None and Path(part).exists():
            tell(f"The records read so far are kept in {part}; run the same command again to resume.")
        raise
