"""`engine`: the tables, a worker, tenants, runs and dead letters, on a real PostgreSQL."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import run_command
from tests.engine.support import new_database
from tests.postgres import running_postgres

APP = """
from attio_async.engine import Engine, Job
from attio_async.testing import FakeAttio

fake = FakeAttio()

async def token(tenant: str) -> str:
    return fake.token

engine = Engine({database!r}, tokens=token, transport=fake.transport(), clock=fake.clock)

@engine.job(every="1h")
async def push(job: Job) -> None:
    await job.attio.companies.upsert_many([{{"domains": ["example.com"]}}], match="domains", **job.durable)

@engine.job(retries=0)
async def broken(job: Job) -> None:
    raise ValueError("a value of a row")
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as words:
        yield words


@pytest.fixture
def folder(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "app.py").write_text(APP.format(database=new_database(server)), encoding="utf-8")
    sys.modules.pop("app", None)
    yield tmp_path
    sys.modules.pop("app", None)


@pytest.mark.full
@pytest.mark.usefixtures("folder")
def test_a_day_of_an_engine() -> None:
    refused = run_command("engine", "status")
    assert (refused.exit_code, "attio-async engine init" in refused.stderr) == (2, True)
    assert run_command("engine", "init").exit_code == 0
    assert run_command("engine", "init").exit_code == 0  # which changes nothing
    assert run_command("engine", "tenants", "add", "acme").exit_code == 0
    filed = run_command("engine", "run", "broken", "--tenant", "acme", "--json")
    assert json.loads(filed.stdout)["state"] == "queued"
    worked = run_command("engine", "worker", "app:engine", "--once")
    assert (worked.exit_code, worked.stdout) == (0, "")

    runs = [
        json.loads(line)
        for line in run_command("engine", "status", "--show", "runs", "--json").stdout.splitlines()
    ]
    assert {run["job"]: (run["state"], run["counts"]) for run in runs} == {
        "broken": ("dead", {}),
        "push": ("succeeded", {"created": 1}),
    }
    (tenant,) = [json.loads(line) for line in run_command("engine", "status", "--json").stdout.splitlines()]
    assert (tenant["tenant"], tenant["dead"]) == ("acme", 1)
    (dead,) = [json.loads(line) for line in run_command("engine", "dead", "--json").stdout.splitlines()]
    assert (dead["error"], "a value" in json.dumps(dead)) == ("ValueError", False)
    assert run_command("engine", "retry", dead["run"]).exit_code == 0
    assert run_command("engine", "retry", "--all").stderr == "0 runs are retried\n"

    assert run_command("engine", "tenants", "pause", "acme", "--reason", "for a test").exit_code == 0
    refused = run_command("engine", "run", "push", "--tenant", "acme")
    assert (refused.exit_code, "is paused: for a test" in refused.stderr) == (2, True)
    assert run_command("engine", "tenants", "resume", "acme").exit_code == 0
    assert "give --yes" in run_command("engine", "tenants", "remove", "acme").stderr
    assert run_command("engine", "tenants", "remove", "acme", "--yes").exit_code == 0
    assert run_command("engine", "tenants", "list", "--json").stdout == ""


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_status_that_is_watched_follows_the_engine_until_it_is_interrupted(
    number: signal.Signals, folder: Path
) -> None:
    assert run_command("engine", "init").exit_code == 0
    assert run_command("engine", "tenants", "add", "acme").exit_code == 0
    command = [sys.executable, "-m", "attio_async", "engine", "status", "--watch", "--json"]
    with (
        (folder / "stderr").open("wb") as stderr,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            assert json.loads(process.stdout.readline())["paused_reason"] is None
            assert run_command("engine", "tenants", "pause", "acme", "--reason", "for a test").exit_code == 0
            reasons = (json.loads(line)["paused_reason"] for line in process.stdout)
            assert next(filter(None, reasons)) == "for a test"
            process.send_signal(number)
            assert process.wait(30) == 130
        finally:
            process.kill()
    told = (folder / "stderr").read_text("utf-8")
    assert "Traceback" not in told
    assert "UTC: 1 tenants, 0 paused" in told
    assert "UTC: 1 tenants, 1 paused" in told


@pytest.mark.parametrize(
    ("app", "message"),
    [
        ("none:engine", "unknown module 'none'. Name the engine with --app MODULE:NAME"),
        ("json:engine", "json cannot be used"),
        ("json:dumps", "'json:dumps' is not an engine"),
        ("broken:engine", "broken cannot be imported: KeyError: 'DATABASE'"),
    ],
)
def test_an_app_that_cannot_be_used_is_refused(
    app: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "broken.py").write_text("import os\nos.environ['DATABASE']\n", encoding="utf-8")
    result = run_command("engine", "status", "--app", app)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
