"""What the commands do, from opening files and the workspace to printing the result."""

import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import attrs
import typer

from ..errors import UnknownName
from .display import print_table, record_rows, summary_lines
from .exporting import plain_record, run_export
from .files import atomic_file
from .importing import ImportJob, ImportResult, run_import
from .problems import Refusal
from .running import complain, refuse_same_file
from .tabular import open_source, scan
from .workspace import find_object, open_workspace, refused_if_failing

if TYPE_CHECKING:
    from ..schema import ObjectSchema

__all__ = ["export_object", "import_file", "query_object", "show_identity"]


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


def _tell_if_new(embedded: Path | None) -> None:
    if embedded is not None and not embedded.exists():
        complain(f"{embedded} is new: an empty workspace", 0)


async def export_object(
    name: str,
    out: str,
    *,
    format: Literal["jsonl", "csv"],
    separator: str,
    embedded: Path | None,
) -> int:
    """Export an object and return the exit code."""
    _check_separator(separator)
    refuse_same_file({"--out": out, "--embedded": embedded})
    _tell_if_new(embedded)
    with _output(out) as file:
        async with open_workspace(embedded) as attio:
            result = await run_export(
                attio, name, file, format=format, separator=separator, stream=sys.stderr
            )
    place = "standard output" if out == "-" else out
    return complain(
        f"{result.object}: {result.records:,} records written to {place}, {result.seconds:.1f} s", 0
    )


@contextmanager
def _output(out: str) -> Generator[IO[bytes]]:
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with atomic_file(Path(out)) as file:
        yield file


async def query_object(
    name: str,
    filter: str | None,
    sorts: Sequence[str],
    *,
    limit: int,
    embedded: Path | None,
    as_json: bool,
) -> int:
    """Print the records that match."""
    condition = _filter(filter)
    _tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        target, _ = await find_object(attio, name)
        with refused_if_failing():
            schema = await attio.schema(target.api_slug)
            order = [_sort(sort, schema) for sort in sorts]
            found = attio.records(target.api_slug).query(condition, sorts=order, limit=min(limit, 500))
            records = await found.collect(max=limit)
    attributes = [found for found in schema.attributes.values() if not found.is_archived]
    if as_json:
        for record in records:
            typer.echo(json.dumps(plain_record(record, attributes), ensure_ascii=False))
        return 0
    columns, rows, hidden = record_rows(records, attributes)
    if rows:
        print_table(sys.stdout, columns, rows)
    more = f" (the first {limit:,}; --limit shows more)" if len(records) == limit else ""
    rest = f"; {hidden} more attributes with values, --json shows them" if hidden else ""
    return complain(f"{len(records):,} {target.plural_noun.lower() or 'records'}{more}{rest}", 0)


def _filter(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        condition = json.loads(text)
    except ValueError as error:
        raise Refusal(f"--filter is not JSON: {error}") from error
    if not isinstance(condition, dict):
        raise Refusal('--filter must be a JSON object, such as \'{"name": "Acme"}\'')
    return cast("dict[str, Any]", condition)


def _sort(text: str, schema: "ObjectSchema") -> Mapping[str, str]:
    name, colon, direction = text.rpartition(":")
    if not colon:
        name, direction = text, "asc"
    if direction not in {"asc", "desc"}:
        raise Refusal(f"--sort {text!r}: the direction is asc or desc, not {direction!r}")
    try:
        return {"attribute": schema.find(name).slug, "direction": direction}
    except UnknownName as error:
        raise Refusal(f"--sort: {error}") from error


async def show_identity(*, embedded: Path | None, as_json: bool) -> int:
    """Print which workspace the token belongs to."""
    async with open_workspace(embedded) as attio:
        with refused_if_failing():
            me = await attio.identify()
    facts = {
        "workspace_name": me.workspace_name,
        "workspace_slug": me.workspace_slug,
        "workspace_id": me.workspace_id,
        "client_id": me.client_id or "",
        "scopes": list(me.scopes),
    }
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return 0
    shown = facts | {"scopes": "\n".join(me.scopes)}
    print_table(sys.stdout, ["", ""], [[key.replace("_", " "), str(value)] for key, value in shown.items()])
    return 0
