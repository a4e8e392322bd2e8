"""`demo`: a program, imports, a kill, a burst of 429s and an export, on a fake workspace that this process serves."""

import csv
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, refuse_bad_port
from ..output import print_table, print_text
from ..workspace import embedded_workspace

if TYPE_CHECKING:
    from ...testing import FakeAttio

_LATENCY_S = 0.04
_STEP_TIMEOUT_S = 120.0
_POLL_S = 0.02
_MIN_ROWS_PER_S = 22.0
_ROWS_BEFORE_KILL = 40
_RATE_LIMITED = 8
_RETITLED = 60
_DOMAIN = "mc2-consulting.example.com"
_COLLEAGUES = f'F.company.domains == "{_DOMAIN}"'
_WIDTH = 78
_ROW = "assert_record"
"""The operation that writes a row of an import."""
_STATE, _PROGRAM_FILE, _JOURNAL = "workspace.json", "program.py", "import.db"
_FILES = (
    _STATE,
    _PROGRAM_FILE,
    _JOURNAL,
    "companies.csv",
    "people.csv",
    "titles.csv",
    "people-export.csv",
    "companies.jsonl",
)

_PROGRAM = """\
import asyncio
from attio_async import Attio, F

async def main() -> None:
    async with Attio() as attio:
        ada = {"name": "Lovelace, Ada", "email_addresses": "ada@example.com"}
        await attio.people.upsert(ada, match="email_addresses")
        colleagues = F.company.domains == "example.com"
        async for person in attio.people.query(colleagues):
            print(person["name"].full_name, person["email_addresses"])

asyncio.run(main())
"""
_INTRODUCTION = """\
This serves a fake workspace on this machine. It answers like Attio: after
40 ms, and with at most 25 writes and 100 reads per second. The people and
companies are made up, and nothing leaves this machine."""
_CONCLUSION = """\
Everything is kept in {folder}. These commands work on it:
"""
_NEXT = """\
On your own workspace: run `login`, then the same without --embedded FILE."""


def demo(
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the files of the demo.")
    ] = Path("attio-demo"),
) -> int:
    """Show the main features in under a minute, without an account.

    A program of ten lines, a filter over a reference, an import at the full allowed rate, one that is killed and
    resumed, a burst of rate-limited requests, and an export: all on a fake workspace that is served by this process.
    The files stay in FOLDER; those of an earlier demo are replaced.

    Examples:
      attio-async demo
      attio-async demo --out /tmp/attio-demo

    Exit codes:
      0    everything went as promised
      1    something did not
      2    FOLDER cannot be used
      130  interrupted
    """
    from ...testing import Limits

    return run_demo(out, limits=Limits())


def run_demo(folder: Path, **options: Any) -> int:
    """Run the demo on a new fake workspace; return 0 if everything went as promised, else 1.

    Args:
        folder: The folder for its files.
        options: Options of `FakeAttio`.

    Raises:
        Refusal: The folder cannot be used.
    """
    _prepare(folder)
    print_text(_INTRODUCTION)
    with (
        refuse_bad_port(0),
        embedded_workspace(folder / _STATE, latency=_LATENCY_S, **options) as fake,
        fake.serve() as server,
    ):
        stage = _Stage(folder, fake, server.url)
        for step in _STEPS:
            step(stage)
    print_text("")
    print_table(("Promised", "Seen"), stage.seen)
    if stage.broken:
        print_text(f"NOT as promised: {', '.join(stage.broken)}")
    print_text(f"\n{_CONCLUSION.format(folder=folder)}")
    for command in _commands(folder):
        print_text(f"    {_wrapped([*_called_here(), *command], indent=4)}")
    print_text(f"\n{_NEXT}")
    return 1 if stage.broken else 0


@dataclass
class _Stage:
    """The folder, the workspace and its address, and the promises that were kept or broken."""

    folder: Path
    fake: "FakeAttio"
    url: str
    seen: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    broken: list[str] = field(default_factory=list[str])

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of programs that work on the workspace."""
        width = str(shutil.get_terminal_size().columns)
        address = {"ATTIO_BASE_URL": self.url, "ATTIO_API_KEY": self.fake.token}
        return {**os.environ, **address, "COLUMNS": width, "PYTHONUTF8": "1"}

    def show(self, number: int, title: str) -> None:
        """Print the heading of a step."""
        print_text(f"\n{number}. {title}\n")

    def check(self, promise: str, result: str, *, kept: bool) -> None:
        """Note what was seen of a promise."""
        self.seen.append((promise, result))
        if not kept:
            self.broken.append(promise)

    def attio_async(self, *arguments: str, shown: bool = True) -> "subprocess.Popen[bytes]":
        """Start a command that works on the workspace."""
        if shown:
            print_text(f"$ {_wrapped(['attio-async', *arguments])}")
        sys.stdout.flush()
        return subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-m", "attio_async", *arguments], env=self.environment, stdin=subprocess.DEVNULL
        )

    def finish(self, *arguments: str) -> bool:
        """Run a command to its end, and return True if it succeeded."""
        with self.attio_async(*arguments) as process, _killed_at_last(process):
            return process.wait(_STEP_TIMEOUT_S) == 0

    def printed(self, *command: str) -> str:
        """Return what a program printed, after printing it."""
        done = subprocess.run(  # noqa: S603 - the program of the demo, or this one
            [sys.executable, *command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=_STEP_TIMEOUT_S,
            check=False,
        )
        text = done.stdout.decode(errors="replace")
        print_text(text.rstrip("\n"))
        return text if done.returncode == 0 else ""

    def file(self, name: str) -> str:
        """Return the path of a file of the demo."""
        return str(self.folder / name)

    def rows(self, name: str) -> int:
        """Return the number of rows of a CSV file of the demo."""
        with (self.folder / name).open(newline="", encoding="utf-8") as file:
            return sum(1 for _ in csv.DictReader(file))


def _run_program(stage: _Stage) -> None:
    stage.show(1, "A program of ten lines, with a filter over a reference")
    print_text(_PROGRAM)
    print_text(f"$ {_wrapped(['python', stage.file(_PROGRAM_FILE)])}")
    text = stage.printed(stage.file(_PROGRAM_FILE))
    stage.check("a program of ten lines", text.strip(), kept="Ada Lovelace" in text)


def _kill_and_resume(stage: _Stage) -> None:
    stage.show(2, "An import that is killed, and resumed by the same command")
    rows, earlier = stage.rows("companies.csv"), stage.fake.records("companies")
    own = {record["id"]["record_id"] for record in earlier}
    before = len(stage.fake.calls)
    command = (
        *("import", stage.file("companies.csv"), "--object", "companies", "--match", "domains"),
        *("--map", "Company Name=name", "--journal", stage.file(_JOURNAL)),
    )

    def written() -> int:
        return sum(
            call.operation == _ROW and call.status == HTTPStatus.OK for call in stage.fake.calls[before:]
        )

    with stage.attio_async(*command) as process, _killed_at_last(process):
        while process.poll() is None and written() < _ROWS_BEFORE_KILL:
            time.sleep(_POLL_S)
        process.kill()
    killed = written()
    print_text(f"\n$ kill -9 {process.pid}    # after {killed} of {rows} rows")
    succeeded = stage.finish(*command)
    domains = [
        value["domain"] for record in stage.fake.records("companies") for value in record["values"]["domains"]
    ]
    stage.check(
        "kill -9 and resume",
        f"killed after {killed} rows, {written() - killed} more when resumed: each of {rows} once",
        kept=succeeded
        and process.returncode != 0
        and len(domains) == len(set(domains))
        and own <= {record["id"]["record_id"] for record in stage.fake.records("companies")}
        and written() <= rows + 1,
    )


def _import_people(stage: _Stage) -> None:
    stage.show(3, "An import at the full allowed rate")
    before = len(stage.fake.calls)
    command = ("import", stage.file("people.csv"), "--object", "people", "--match", "email_addresses")
    succeeded = stage.finish(*command)
    times = [call.time for call in stage.fake.calls[before:] if call.operation == _ROW]
    rate = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0
    limited = sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in stage.fake.calls[before:])
    stage.check(
        "an import at 22 rows per second",
        f"{len(times)} rows at {rate:.1f} per second, {limited or 'none'} rate-limited",
        kept=succeeded and rate >= _MIN_ROWS_PER_S and not limited and len(times) == stage.rows("people.csv"),
    )


def _rate_limit(stage: _Stage) -> None:
    from ...testing import TooManyRequests

    stage.show(4, f"New titles for {_RETITLED} people, while {_RATE_LIMITED} requests are rate-limited")
    command = ("import", stage.file("titles.csv"), "--object", "people", "--match", "email_addresses")
    with stage.fake.fault(TooManyRequests(), times=_RATE_LIMITED, operation=_ROW) as burst:
        succeeded = stage.finish(*command)
    titles = [
        value["value"]
        for record in stage.fake.records("people")
        for value in record["values"].get("job_title", ())
    ]
    renamed = sum(title.startswith("Senior ") for title in titles)
    stage.check(
        "a burst of 429s",
        f"{burst.hits} requests rate-limited and sent again, {renamed} of {_RETITLED} rows written",
        kept=succeeded and burst.hits == _RATE_LIMITED and renamed == _RETITLED,
    )


def _query(stage: _Stage) -> None:
    stage.show(5, "The people of one company")
    arguments = ("query", "people", _COLLEAGUES, "--columns", "name,job_title")
    print_text(f"$ {_wrapped(['attio-async', *arguments])}")
    text = stage.printed("-m", "attio_async", *arguments, "--format", "table")
    company = next(
        record["id"]["record_id"]
        for record in stage.fake.records("companies")
        if any(value["domain"] == _DOMAIN for value in record["values"]["domains"])
    )
    ids = [
        record["id"]["record_id"]
        for record in stage.fake.records("people")
        if any(value["target_record_id"] == company for value in record["values"].get("company", ()))
    ]
    kept = bool(ids) and all(identifier in text for identifier in ids)
    stage.check("a filter over a reference", f"{len(ids)} people of the company {_DOMAIN}", kept=kept)


def _export(stage: _Stage) -> None:
    stage.show(6, "An export")
    succeeded = stage.finish("export", "people", "--out", stage.file("people-export.csv"))
    rows = stage.rows("people-export.csv") if succeeded else 0
    expected = len(stage.fake.records("people"))
    stage.check("an export", f"{rows} people in {stage.file('people-export.csv')}", kept=rows == expected)


_STEPS = (_run_program, _kill_and_resume, _import_people, _rate_limit, _query, _export)


def _commands(folder: Path) -> list[list[str]]:
    """Return the commands to try next."""
    embedded = ["--embedded", str(folder / _STATE)]
    return [
        ["get", "people/ada@example.com", *embedded],
        ["query", "people", _COLLEAGUES, *embedded],
        [
            *("import", str(folder / "people.csv"), "--object", "people"),
            *("--match", "email_addresses", "--plan", *embedded),
        ],
        ["export", "companies", "-o", str(folder / "companies.jsonl"), "--force", *embedded],
    ]


def _prepare(folder: Path) -> None:
    """Create the folder with its files; those of an earlier demo are replaced.

    Raises:
        Refusal: It has other files, or cannot be created.
    """
    if folder.is_dir() and any(folder.iterdir()) and not _is_of_demo(folder):
        raise Refusal(f"{folder} has other files; give --out FOLDER, or remove it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (folder / name).unlink(missing_ok=True)
        (folder / _PROGRAM_FILE).write_bytes(_PROGRAM.encode())
        samples = files("attio_async._cli") / "sample"
        for name in ("companies.csv", "people.csv"):
            (folder / name).write_bytes((samples / name).read_bytes())
        _write_titles(folder)
    except OSError as error:
        raise Refusal(f"{folder} cannot be created: {error.strerror or error}") from error


def _is_of_demo(folder: Path) -> bool:
    """Return True if an earlier demo left its files there, also one that was killed."""
    program = folder / _PROGRAM_FILE
    return (folder / _STATE).exists() or (program.is_file() and program.read_bytes() == _PROGRAM.encode())


def _write_titles(folder: Path) -> None:
    """Write the first people with a new title each."""
    with (folder / "people.csv").open(newline="", encoding="utf-8") as people:
        rows = [row for row in csv.DictReader(people) if row["Email addresses"]][:_RETITLED]
    with (folder / "titles.csv").open("w", newline="", encoding="utf-8") as titles:
        writer = csv.writer(titles)
        writer.writerow(["Email addresses", "Job title"])
        writer.writerows([row["Email addresses"], f"Senior {row['Job title'] or 'Advisor'}"] for row in rows)


@contextmanager
def _killed_at_last(process: "subprocess.Popen[bytes]") -> Generator[None]:
    """Kill a process that is still there when the block ends, such as by Ctrl-C."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()


def _called_here() -> list[str]:
    """Return the words that start this command line in a shell in this folder."""
    script = Path(sys.executable).with_name("attio-async.exe" if os.name == "nt" else "attio-async")
    if not script.is_file():
        return [sys.executable, "-m", "attio_async"]
    if shutil.which("attio-async") == str(script):
        return ["attio-async"]
    return [str(script.relative_to(Path.cwd())) if script.is_relative_to(Path.cwd()) else str(script)]


def _wrapped(words: Sequence[str], *, indent: int = 0) -> str:
    """Return a command for a shell, in lines that fit the screen. An option stays beside its value."""
    parts: list[str] = []
    for word in words:
        if parts and not word.startswith("-") and parts[-1].startswith("-") and " " not in parts[-1]:
            parts[-1] += f" {shlex.quote(word)}"
        else:
            parts.append(shlex.quote(word))
    lines = [parts[0]]
    for part in parts[1:]:
        if indent + len(lines[-1]) + len(part) < _WIDTH - len(" \\"):
            lines[-1] += f" {part}"
        else:
            lines.append(f"    {part}")
    return f" \\\n{' ' * indent}".join(lines)
