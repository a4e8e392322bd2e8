"""The commands that move data, from opening files and the workspace to saying what happened."""

import json
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

import attrs
import typer

from ..errors import Refusal
from ..expressions import read_filter
from ..importer.models import ImportJob, ImportResult
from ..importer.runner import run_imports, run_replay
from ..importer.table import open_source, scan
from ..output import summary_lines
from ..runner import complain, refuse_same_file, tell_if_new
from ..workspace import open_workspace
from .export import run_export


@attrs.frozen(kw_only=True)
class ImportRequest:
    """What the user asked to import.

    Attributes:
        files: The files.
        objects: The object of each file; none where the files are called like their objects.
        matches: "SLUG", or "OBJECT=SLUG" for one of several objects.
        job: How each of them is imported.
        resume: Whether there must be a journal to go on with.
        replay: Rows that failed before, instead of files.
    """

    files: Sequence[str]
    objects: Sequence[str]
    matches: Sequence[str]
    job: ImportJob
    resume: bool = False
    replay: Path | None = None

    def jobs(self) -> list[ImportJob]:
        """What to do with each file.

        Raises:
            Refusal: It is not clear which object, or which attribute to match on.
        """
        names = self.objects or [Path(file).stem for file in self.files]
        if self.replay is None and len(names) != len(self.files):
            raise Refusal(
                f"{len(self.files)} files are given, and --object {len(names)} times; give it for each or none"
            )
        by_object = dict(match.split("=", 1) for match in self.matches if "=" in match)
        default = next((match for match in self.matches if "=" not in match), None)
        jobs = [
            attrs.evolve(self.job, object=name, match=by_object.get(name, default) or "") for name in names
        ]
        if unmatched := [job.object for job in jobs if not job.match]:
            raise Refusal(
                f"no attribute to match on for {', '.join(unmatched)}; give --match {unmatched[0]}=SLUG"
            )
        return jobs


async def import_files(make: Callable[[], ImportRequest], *, embedded: Path | None, as_json: bool) -> int:
    """Import files, say what happened, and return the exit code."""
    request = make()
    _check_import(request, embedded)
    jobs = request.jobs()
    with ExitStack() as stack:
        files = [scan(stack.enter_context(open_source(file))) for file in request.files]
        async with open_workspace(embedded) as attio:
            if request.replay is not None:
                results = [await run_replay(attio, request.replay, jobs[0], stream=sys.stderr)]
            else:
                results = await run_imports(attio, list(zip(files, jobs, strict=True)), stream=sys.stderr)
    return _told(results, as_json=as_json)


def _told(results: Sequence[ImportResult], *, as_json: bool) -> int:
    code = 0
    for result in results:
        if as_json:
            typer.echo(json.dumps(_summary(result), ensure_ascii=False))
        elif result.plan is not None:
            typer.echo(result.plan)
        code = max(code, complain("\n".join(summary_lines(result)), result.exit_code))
    return code


def _check_import(request: ImportRequest, embedded: Path | None) -> None:
    job = request.job
    _check_separator(job.separator)
    if bool(request.files) == (request.replay is not None):
        raise Refusal("give either FILE or --replay DEAD_LETTERS")
    if request.replay is not None and len(request.objects) != 1:
        raise Refusal("--replay needs --object, once")
    if request.resume and (job.journal is None or not job.journal.is_file()):
        named = f"journal {job.journal}" if job.journal else "journal"
        raise Refusal(f"there is no {named} to go on with; --resume needs --journal FILE")
    for number, file in enumerate(request.files or [request.replay], 1):
        name = "FILE" if len(request.files) == 1 else "--replay" if request.replay else f"FILE {number}"
        others = {"--report": job.report, "--dead-letters": job.dead_letters, "--journal": job.journal}
        refuse_same_file({name: file, **others, "--embedded": embedded})


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
        with _telling_what_is_kept(f"{out}.part" if resume else None):
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


@contextmanager
def _telling_what_is_kept(part: str | None) -> Generator[None]:
    """Where an export is to be resumable and ends early, say so."""
    try:
        yield
    except Refusal:
        raise
    except BaseException:
        if part is not None and Path(part).exists():
            complain(f"What was read is kept in {part}; the same command goes on from there.", 0)
        raise
