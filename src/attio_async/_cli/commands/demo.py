"""The main job in under a minute, on an embedded workspace: import, import again, query, export."""

import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import attrs

from ..errors import Refusal
from ..importer.models import ImportJob
from ..importer.runner import run_import
from ..importer.table import open_source, scan
from ..output import print_table, printable
from .export import run_export

if TYPE_CHECKING:
    from ..._client import Attio
    from ...testing import FakeAttio

_SAMPLE = files("attio_async._cli") / "sample"
_LATENCY = 0.04
_JOBS: Mapping[str, ImportJob] = {
    "companies.csv": ImportJob(object="companies", match="domains", renames={"Company Name": "name"}),
    "people.csv": ImportJob(object="people", match="email_addresses"),
}
_EXAMPLE_DOMAIN = "mc2-consulting.example"
_INTRODUCTION = """\
This imports a sample of made-up companies and people into an embedded workspace that answers like Attio: after
40 ms, and never more than 25 writes and 100 reads per second. Nothing leaves this machine.
"""
_MEANING = """\
Each row was written once, however often it was imported, as fast as Attio allows and without a single
refusal for the rate (429). With an access token in ATTIO_API_KEY the same works on your workspace:
    attio-async import companies.csv --object companies --match domains --map "Company Name=name"
    attio-async export companies --out companies-out.csv"""
_COLUMNS = ("DemoStep", "Rows", "What happened", "Seconds", "Rate", "429s")


@attrs.define
class DemoStep:
    """One line of the table at the end. `promised` says whether it went as it should."""

    name: str
    rows: int = 0
    result: str = ""
    seconds: float = 0.0
    rate: str = ""
    rate_limited: int = 0
    promised: bool = False

    def cells(self) -> Sequence[str]:
        """What the table shows."""
        return (
            self.name,
            f"{self.rows:,}",
            self.result,
            f"{self.seconds:.1f}",
            self.rate,
            str(self.rate_limited),
        )


async def run_demo(folder: Path | None, out: TextIO, err: TextIO, *, fake: "FakeAttio | None" = None) -> int:
    """Run the demo, tell it on `out`, and return 0 if all of it went as promised, else 1.

    Raises:
        Refusal: `folder` cannot be written to.
    """
    from ...testing import FakeAttio, Limits

    def say(text: str) -> None:
        print(printable(text), file=out, flush=True)

    workspace = fake or FakeAttio(latency=_LATENCY, limits=Limits())
    say(_INTRODUCTION)
    with _folder(folder) as place:
        async with workspace.client() as attio:
            steps = await _Demo(attio, say, err, place).steps()
    print_table(out, _COLUMNS, [step.cells() for step in steps])
    wrong = [step.name for step in steps if not step.promised]
    say(f"NOT as promised: {', '.join(wrong)}" if wrong else _MEANING)
    if folder is not None:
        say(f"The exported files are in {folder}")
    return 1 if wrong else 0


@contextmanager
def _folder(wanted: Path | None) -> Generator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="attio-async-demo-") as temporary:
            yield Path(temporary)
        return
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{wanted} cannot be made: {error.strerror or error}") from error
    yield wanted


class _Demo:
    """The steps, one after the other, each told as it begins."""

    def __init__(self, attio: "Attio", say: Callable[[str], None], err: TextIO, folder: Path) -> None:
        self._attio = attio
        self._say = say
        self._err = err
        self._folder = folder
        self._steps: list[DemoStep] = []

    async def steps(self) -> Sequence[DemoStep]:
        """Run all of them."""
        for file, job in _JOBS.items():
            await self._import(f"import {file}", file, job)
        for file, job in _JOBS.items():
            await self._import(f"import {file} again", file, job, again=True)
        await self._query()
        for file, job in _JOBS.items():
            await self._export(job.object, f"exported-{file}")
        return self._steps

    @contextmanager
    def _step(self, name: str) -> Generator[DemoStep]:
        clock, limiter = self._attio.settings.clock, self._attio.limiter
        step, before, started = DemoStep(name), limiter.stats(), clock.monotonic()
        self._say(f"{name} ...")
        yield step
        now = limiter.stats()
        step.seconds = clock.monotonic() - started
        step.rate_limited = now.rate_limited - before.rate_limited
        step.promised = step.promised and not step.rate_limited
        if writes := now.writes.requests - before.writes.requests:
            step.rate = f"{writes / step.seconds:.1f} of {now.writes.limit} writes/s"
        self._steps.append(step)

    async def _import(self, name: str, file: str, job: ImportJob, *, again: bool = False) -> None:
        with self._step(name) as step, as_file(_SAMPLE / file) as path:
            with open_source(str(path)) as source:
                result = await run_import(self._attio, scan(source), job, stream=self._err)
            for failed in result.failures:
                self._say(f"  {failed}")
            step.rows = result.rows
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
            names = [str(person["name"]) for person in people]
            self._say(f"  {company['name']}: {', '.join(names)}")
            step.rows = len(people)
            step.result = f"the people of {company['name']}"
            step.promised = bool(people) and all(
                person["company"].record_id == company.id for person in people
            )

    async def _export(self, name: str, file: str) -> None:
        with self._step(f"export {name}") as step:
            result = await run_export(
                self._attio, name, self._folder / file, format="csv", separator=";", stream=self._err
            )
            step.rows = result.records
            step.result = f"written to {file}"
            imported = next(other.rows for other in self._steps if other.name == f"import {name}.csv")
            step.promised = result.records == imported
