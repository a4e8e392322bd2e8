"""Ctrl-C and SIGTERM at random moments of all commands: a documented exit code, no traceback, and the next run goes on."""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest
import typer.main

from attio_async import Attio
from attio_async._cli.app import app
from attio_async._cli.profiles import Profile, ProfileFile
from attio_async.testing import FakeAttio
from attio_async.webhooks import Delivery, DeliveryFile
from tests.cli.support import run_command

_COMPANY = "companies/c1.example.com"
_INTERRUPTED = 130
_PYTHON_BEGINS = ("Failed to import the site module", "Could not import runpy module")
_RUNS = 5
_ROWS = 40


@attrs.frozen
class Command:
    """A command line.

    Attributes:
        line: Its words. `{n}` is the number of the run, for what can be done only once; `{task}` and `{file}` are ids of
            a task and a file that no other run is given; `{base}` is the address of the API, `{receiver}` a receiver.
        code: The exit code of an undisturbed run.
        seconds: About how long that takes.
        is_endless: True if it runs until it is interrupted.
        is_local: True if it sends nothing.
    """

    line: str
    code: int = 0
    seconds: float = 0.5
    is_endless: bool = False
    is_local: bool = False

    def __str__(self) -> str:
        return self.line.partition(" -")[0].replace(" ", "-") or "version"


COMMANDS = [
    Command("import rows.csv --object companies --match domains --journal job.db", seconds=1.5),
    Command("sync rows.csv --object companies --match domains --owned name --state sync.db", seconds=1.5),
    Command("export companies --out out.jsonl --resume --force", seconds=1.0),
    Command("export companies --out out.csv --force", seconds=1.0),
    Command("export companies --out out.parquet --force", seconds=1.0),
    Command("changes companies --state state.db", seconds=1.5),
    Command("query companies", seconds=1.0),
    Command(f"get {_COMPANY}"),
    Command("search c1.example.com"),
    Command("create companies name=W domains=w{n}.example.com"),
    Command(f"update {_COMPANY} name=W{{n}}"),
    Command(f"edit {_COMPANY}"),
    Command("upsert companies name=U domains=u.example.com"),
    Command("delete companies/d{n}.example.com --yes"),
    Command("merge companies/a{n}.example.com companies/b{n}.example.com --yes"),
    Command("objects"),
    Command("lists"),
    Command("attributes companies"),
    Command("members"),
    Command("sql 'SELECT name FROM companies'"),
    Command("api GET /v2/self"),
    Command("whoami"),
    Command("login staging --base-url {base}"),
    Command("logout kept{n}", is_local=True),
    Command("profiles", is_local=True),
    Command("doctor"),
    Command("completion bash", is_local=True),
    Command("demo", seconds=1.5, is_local=True),
    Command("serve --port 0", is_endless=True, is_local=True),
    Command(f"note list {_COMPANY}"),
    Command(f"note create {_COMPANY} Called"),
    Command("task list"),
    Command("task create Call"),
    Command("task done {task}"),
    Command(f"file list {_COMPANY}"),
    Command(f"file upload {_COMPANY} source.bin"),
    Command("file download {file} --out copy.bin --force"),
    Command("file delete {file} --yes"),
    Command("schema pull --out pulled.toml --force"),
    Command("schema plan schema.toml"),
    Command("schema apply schema.toml --yes"),
    Command("schema check kept.toml"),
    Command("schema copy --from-embedded one.json --to-embedded two.json --yes", is_local=True),
    *(
        Command(f"engine {words}", code=2, is_local=True)  # there is no engine in the folder
        for words in ("init", "worker", "run push", "status", "dead", "retry --all")
    ),
    *(
        Command(f"engine tenants {words}", code=2, is_local=True)
        for words in ("list", "add acme", "pause acme", "resume acme", "remove acme --yes")
    ),
    Command("mirror refresh crm.duckdb", seconds=2.0),
    Command("mirror watch watched.duckdb --every 1h", is_endless=True, is_local=True),
    Command("mirror status kept.duckdb", is_local=True),
    Command("mirror sql kept.duckdb 'SELECT name FROM companies'", is_local=True),
    Command("mirror forget kept.duckdb 00000000-0000-4000-8000-000000000000 --yes", is_local=True),
    Command("models pull --force --out crm.py --object companies"),
    Command("models check models.py"),
    Command("webhooks list"),
    Command("webhooks ensure https://example.com/hooks record.created"),
    Command("webhooks listen --port 0 --save saved.jsonl", is_endless=True, is_local=True),
    Command("webhooks replay deliveries.jsonl --to {receiver}"),
    Command("--version", is_local=True),
]


class Bench:
    """A workspace behind a port, a receiver of webhooks, and a folder with the files that the commands read.

    Attributes:
        at_request: Called whenever something is asked of the workspace or the receiver.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.fake = FakeAttio(keep_calls=0, latency=0.002)
        self.at_request: Callable[[], object] = lambda: None
        handle = self.fake.handle

        def notice(*arguments: Any) -> Any:
            self.at_request()
            return handle(*arguments)

        self.fake.handle = notice  # type: ignore[method-assign]
        for number in range(count):
            self._add(f"c{number}")
        for number in range(_RUNS + 1):
            for letter in "abd":
                self._add(f"{letter}{number}")

    def _add(self, name: str) -> None:
        self.fake.seed.add_record("companies", {"name": [name], "domains": [f"{name}.example.com"]})

    @contextmanager
    def serve(self, monkeypatch: pytest.MonkeyPatch) -> Generator["Bench"]:
        with self.fake.serve() as server, self._receiver() as self.receiver:
            self.base = server.url
            for name, value in {
                "ATTIO_BASE_URL": server.url,
                "ATTIO_API_KEY": self.fake.token,
                "ATTIO_WEBHOOK_SECRET": "secret",
                "EDITOR": "true",
                "XDG_CONFIG_HOME": str(self.folder / "config"),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
            }.items():
                monkeypatch.setenv(name, value)
            monkeypatch.chdir(self.folder)
            self._write_files()
            yield self

    def words(self, command: Command, number: int) -> list[str]:
        """Return the words of a run."""
        return [
            word.format(
                n=number,
                base=self.base,
                receiver=self.receiver,
                task=self._new_task() if "{task}" in word else "",
                file=self._new_file() if "{file}" in word else "",
            )
            for word in shlex.split(command.line)
        ]

    def check(self, command: Command, told: Counter[str]) -> None:
        """Check what the command has done after a run that was not disturbed."""
        name = str(command)
        names = Counter(
            str(record["values"]["name"][0]["value"]) for record in self.fake.records("companies")
        )
        if name == "changes-companies":
            # What was printed and could not be confirmed any more is told again; that is one read at most.
            assert len(told) == names.total()
        if "out.jsonl" in command.line:
            lines = (self.folder / "out.jsonl").read_text("utf-8").splitlines()
            assert len({json.loads(line)["record_id"] for line in lines}) == len(lines) == names.total()
        if name in {"import-rows.csv", "sync-rows.csv"}:
            assert [names[f"N{number}"] for number in range(_ROWS)] == [1] * _ROWS
        if name.startswith("upsert"):
            assert names["U"] == 1
        if name.startswith("file-download"):
            assert (self.folder / "copy.bin").read_bytes() == b"content"

    def parts_left(self, command: Command) -> list[str]:
        """Return the files that a command began and did not finish, and that nothing will use again."""
        found = [each.name for each in self.folder.rglob("*") if ".part" in each.name]
        return [] if "--resume" in command.line else found

    def _new_task(self) -> str:
        async def create(attio: Attio) -> str:
            return str((await attio.tasks.create("Call")).id.task_id)

        return self._ask(create)

    def _new_file(self) -> str:
        async def upload(attio: Attio) -> str:
            (company,) = await attio.companies.query(limit=1)
            return str((await attio.files.upload(company, b"content", name="file.bin")).id.file_id)

        return self._ask(upload)

    def _ask(self, question: Callable[[Attio], Any]) -> str:
        async def ask() -> str:
            async with self.fake.client() as attio:
                return str(await question(attio))

        return anyio.run(ask)

    def _write_files(self) -> None:
        rows = "".join(f"N{number},n{number}.example.com\n" for number in range(_ROWS))
        Path("rows.csv").write_text(f"name,domains\n{rows}", encoding="utf-8")
        Path("source.bin").write_bytes(b"content" * 10_000)
        profile = Profile(token=self.fake.token, base_url=self.base, workspace_id="w", workspace="W")
        for number in range(_RUNS + 1):
            ProfileFile().put(f"kept{number}", profile, default=False)
        deliveries = DeliveryFile("deliveries.jsonl")
        for key in ("k1", "k2"):
            anyio.run(deliveries.append, Delivery(key=key, body=b'{"events": []}', received_at=1.0))
        run_command("schema", "pull", "--out", "schema.toml", "--object", "deals")
        run_command("schema", "pull", "--out", "kept.toml", "--object", "companies")
        run_command("models", "pull", "--out", "models.py", "--object", "companies")
        run_command("mirror", "refresh", "kept.duckdb", "--object", "companies", "--also", "none")
        with Path("schema.toml").open("a", encoding="utf-8") as file:
            file.write('\n[objects.deals.attributes.renewal_date]\ntitle = "Renewal date"\ntype = "date"\n')

    @contextmanager
    def _receiver(self) -> Iterator[str]:
        bench = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bench.at_request()
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        with HTTPServer(("127.0.0.1", 0), Receiver) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()
            thread.join()


def test_the_table_has_all_commands() -> None:
    def names(group: Any, *before: str) -> Iterator[str]:
        for name in group.commands:
            command = group.get_command(None, name)
            if hasattr(command, "commands"):
                yield from names(command, *before, name)
            else:
                yield " ".join([*before, name])

    lines = [each.line for each in COMMANDS]
    assert [
        name
        for name in names(typer.main.get_command(app))
        if not any(f"{line} ".startswith(f"{name} ") for line in lines)
    ] == []


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with (
        pytest.MonkeyPatch.context() as patch,
        Bench(tmp_path_factory.mktemp("bench"), 3).serve(patch) as bench,
    ):
        yield bench


@pytest.mark.parametrize("command", [each for each in COMMANDS if not each.is_local], ids=str)
def test_a_command_that_is_interrupted_at_its_first_request_ends_as_documented(
    command: Command, bench: Bench
) -> None:
    """In this process, which is quick."""
    sent = False

    def interrupt() -> None:
        nonlocal sent
        if not sent:
            sent = True
            os.kill(os.getpid(), signal.SIGTERM)

    words = bench.words(command, 0)
    bench.at_request = interrupt
    result = run_command(*words, stdin=bench.fake.token)
    bench.at_request = lambda: None
    assert (sent, result.exit_code) == (True, _INTERRUPTED), result.output
    assert "Traceback" not in result.stderr
    assert bench.parts_left(command) == []
    told = Counter(_changed(command, result.stdout))
    result = run_command(*bench.words(command, 1), stdin=bench.fake.token)
    assert result.exit_code == command.code, result.output
    told.update(_changed(command, result.stdout))
    bench.check(command, told)
    assert [each.name for each in bench.folder.rglob("*") if ".part" in each.name] == []


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_that_is_interrupted_at_random_moments_ends_as_documented(
    command: Command, number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = random.Random(f"{command}{number}")
    told: Counter[str] = Counter()
    with Bench(tmp_path, 600).serve(monkeypatch) as bench:
        for run in range(_RUNS):
            after = generator.uniform(0.1, 0.3 + command.seconds)
            code, out, err = _interrupt(bench.words(command, run), bench, after, number)
            told.update(_changed(command, out))
            if any(each in err for each in _PYTHON_BEGINS) or (code == -number and ", in main" not in err):
                continue  # Python ended by itself, before it had loaded our first line or after it had run the last
            assert code in {command.code, _INTERRUPTED}, (code, err)
            assert "Traceback" not in err, err
            assert bench.parts_left(command) == []
        if command.is_endless:
            return
        done = subprocess.run(
            _process(bench.words(command, _RUNS)),
            input=bench.fake.token,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == command.code, done.stderr
        told.update(_changed(command, done.stdout))
        bench.check(command, told)
        assert [each.name for each in tmp_path.rglob("*") if ".part" in each.name] == []


def _interrupt(words: list[str], bench: Bench, after: float, number: int) -> tuple[int, str, str]:
    files = [bench.folder / name for name in ("stdin", "stdout", "stderr")]
    files[0].write_text(bench.fake.token)
    with files[0].open() as stdin, files[1].open("wb") as stdout, files[2].open("wb") as stderr:
        process = subprocess.Popen(_process(words), stdin=stdin, stdout=stdout, stderr=stderr)
        time.sleep(after)
        process.send_signal(number)
        code = process.wait(30)
    return code, files[1].read_text("utf-8"), files[2].read_text("utf-8")


def _process(words: list[str]) -> list[str]:
    return [sys.executable, "-X", "faulthandler", "-m", "attio_async", *words]


def _changed(command: Command, out: str) -> list[str]:
    if not command.line.startswith("changes"):
        return []
    return [json.loads(line)["record_id"] for line in out.splitlines() if line.endswith("}")]
