"""`demo`: import, import again, query and export, on an embedded workspace."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Refusal
from ..output import print_table, print_text

if TYPE_CHECKING:
    from ..._client import Attio
    from ...testing import FakeAttio
    from ..importer.models import ImportRequest

_LATENCY_S = 0.04
_EXAMPLE_DOMAIN = "mc2-consulting.example.com"
_INTRODUCTION = """\
This imports made-up companies and people into an embedded workspace that answers like Attio: after 40 ms, and with at
most 25 writes and 100 reads per second. Nothing leaves this machine.
"""
_CONCLUSION = """\
Each row was written once, although it was imported twice, at the full allowed rate and without being rate-limited.
With an access token in ATTIO_API_KEY the same commands work on your workspace:
    attio-async import companies.csv --object companies --match domains --map "Company Name=name"
    attio-async export companies --out companies-out.csv"""
_COLUMNS = ("Step", "Rows", "Result", "Seconds", "Rate", "Rate-limited")


async def demo(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the exported files in FOLDER.")
    ] = None,
) -> int:
    """Show the main features in under a minute, without an account.

    Made-up companies and people are imported, imported again, queried and exported, on an embedded workspace.

    Exit codes:
      0    everything went as promised
      1    something did not
      2    FOLDER cannot be used
      130  interrupted
    """
    return await run_demo(out)


async def run_demo(out: Path | None, fake: "FakeAttio | None" = None) -> int:
    """Run the demo on a fake workspace; return 0 if everything went as promised, else 1.

    Raises:
        Refusal: `out` cannot be created.
    """
    from ...testing import FakeAttio, Limits

    workspace = fake or FakeAttio(latency=_LATENCY_S, limits=Limits())
    print_text(_INTRODUCTION)
    with _folder(out) as folder:
        async with workspace.client() as attio:
            steps = _Steps(attio, folder)
            await steps.run()
    print_table(_COLUMNS, steps.rows)
    print_text(f"NOT as promised: {', '.join(steps.broken)}" if steps.broken else _CONCLUSION)
    if out is not None:
        print_text(f"The exported files are in {out}")
    return 1 if steps.broken else 0


@contextmanager
def _folder(wanted: Path | None) -> Generator[Path]:
    import tempfile

    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="attio-async-demo-") as temporary:
            yield Path(temporary)
        return
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{wanted} cannot be created: {error.strerror or error}") from error
    yield wanted


def _requests() -> "Sequence[ImportRequest]":
    from ..importer.models import ImportRequest

    return (
        ImportRequest(
            files=["companies.csv"],
            objects=["companies"],
            matches=["domains"],
            renames={"Company Name": "name"},
        ),
        ImportRequest(files=["people.csv"], objects=["people"], matches=["email_addresses"]),
    )


class _Step:
    """The result of one step; `promised` is True if it went as it should."""

    def __init__(self) -> None:
        self.rows = 0
        self.result = ""
        self.promised = False


class _Steps:
    """The steps of the demo, with a row of the final table for each."""

    def __init__(self, attio: "Attio", folder: Path) -> None:
        self._attio = attio
        self._folder = folder
        self._imported: dict[str, int] = {}
        self.rows: list[Sequence[str]] = []
        self.broken: list[str] = []

    async def run(self) -> None:
        """Run all steps."""
        requests = _requests()
        for again in (False, True):
            for request in requests:
                await self._import(request, again=again)
        await self._query()
        for name in self._imported:
            await self._export(name)

    @contextmanager
    def _step(self, name: str) -> Generator[_Step]:
        clock, limiter = self._attio.settings.clock, self._attio.limiter
        before, started = limiter.stats(), clock.monotonic()
        print_text(f"{name} ...")
        step = _Step()
        yield step
        now, seconds = limiter.stats(), clock.monotonic() - started
        rate_limited = now.rate_limited - before.rate_limited
        writes = now.writes.requests - before.writes.requests
        rate = f"{writes / seconds:.1f} of {now.writes.limit} writes/s" if writes else ""
        self.rows.append([name, f"{step.rows:,}", step.result, f"{seconds:.1f}", rate, str(rate_limited)])
        if rate_limited or not step.promised:
            self.broken.append(name)

    async def _import(self, request: "ImportRequest", *, again: bool) -> None:
        from importlib.resources import as_file, files

        from ..importer.runner import prepare_imports
        from ..importer.table import open_source, scan
        from .import_ import watch

        (file,) = request.files
        sample = files("attio_async._cli") / "sample" / file
        with self._step(f"import {file}{' again' * again}") as step, as_file(sample) as path:
            with open_source(str(path)) as source:
                (run,) = await prepare_imports(self._attio, request, [scan(source)])
                result = await watch(run, sys.stderr)
            for failed in result.failures:
                print_text(f"  {failed}")
            step.rows = self._imported[result.object] = result.rows
            step.result = (
                f"{result.created} created, {result.updated} updated, {result.unchanged} unchanged, "
                f"{result.failed} failed"
            )
            step.promised = result.rows == (result.unchanged if again else result.created)

    async def _query(self) -> None:
        with self._step("query one company's people") as step:
            company = await self._attio.companies.first({"domains": _EXAMPLE_DOMAIN})
            if company is None:
                step.result = f"no company has the domain {_EXAMPLE_DOMAIN}"
                return
            people = await self._attio.people.query({"company": {"target_record_id": company.id}})
            print_text(f"  {company['name']}: {', '.join(str(person['name']) for person in people)}")
            step.rows = len(people)
            step.result = f"the people of {company['name']}"
            step.promised = bool(people) and all(
                person["company"].record_id == company.id for person in people
            )

    async def _export(self, name: str) -> None:
        from .export import run_export

        with self._step(f"export {name}") as step:
            file = f"exported-{name}.csv"
            result = await run_export(
                self._attio, name, self._folder / file, format="csv", separator=";", stream=sys.stderr
            )
            step.rows = result.records
            step.result = f"written to {file}"
            step.promised = result.records == self._imported[name]
