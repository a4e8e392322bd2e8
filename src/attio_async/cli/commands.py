"""The commands that move data, from opening files and the workspace to saying what happened."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import attrs
import typer

from .asking import read_filter
from .display import summary_lines
from .exporting import run_export
from .importing import ImportJob, ImportResult, run_import
from .problems import Refusal
from .running import complain, refuse_same_file, tell_if_new
from .tabular import open_source, scan
from .workspace import open_workspace

__all__ = ["export_object", "import_file"]


async def import_file(
    file: str, make_job: Callable[[], ImportJob], *, embedded: Path | None, as_json: bool
) -> int:
    """Import a file, say what happened, and return the exit code."""
    job = make_job()
    _check_separator(job.separator)
    refuse_same_file({"FILE": file, "--report": job.report, "--embedded": embedded})
    with open_source(file) as source:
        table = scan(source)
        async with open_workspace(embedded) as attio:
            result = await run_import(attio, table, job, stream=sys.stderr)
    if as_json:
        typer.echo(json.dumps(_summary(result), ensure_ascii=False))
    return complain("\n".join(summary_lines(result)), result.exit_code)


def _summary(result: ImportResult) -> dict[str, Any]:
    return attrs.asdict(result) | {"not_tried": result.not_tried}


def _check_separator(separator: str) -> None:
    if not separator or '"' in separator:
        raise Refusal("--separator must be one or more characters, and no quote")


async def export_object(
    name: str,
    out: str,
    *,
    format: Literal["jsonl", "csv", "parquet"],
    separator: str,
    filter: str | None,
    select: str | None,
    resume: bool,
    embedded: Path | None,
) -> int:
    """Export an object and return the exit code."""
    _check_separator(separator)
    if out == "-" and (resume or format == "parquet"):
        raise Refusal(f"{'--resume' if resume else 'Parquet'} needs a file: give --out FILE")
    condition = read_filter(filter)
    refuse_same_file({"--out": out, "--embedded": embedded})
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        result = await run_export(
            attio,
            name,
            sys.stdout.buffer if out == "-" else Path(out),
            format=format,
            separator=separator,
            stream=sys.stderr,
            filter=condition,
            select=select,
            resume=resume,
        )
    if out == "-":
        sys.stdout.buffer.flush()
    place = "standard output" if out == "-" else out
    earlier = f" ({result.resumed:,} of them earlier)" if result.resumed else ""
    return complain(
        f"{result.object}: {result.records:,} records written to {place}{earlier}, {result.seconds:.1f} s", 0
    )
