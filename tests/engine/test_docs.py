"""The samples of docs/engine.md run as printed."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio
from tests.cli.support import run_command

from .support import new_database

pytestmark = pytest.mark.full

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text("utf-8")
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))
SAMPLES = re.findall(r"```python\n(?!# \w+\.py\n)(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def fake(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAttio]:
    """Return the workspace of the tenants of the page, in whose folder the programs are."""
    fake = FakeAttio()
    for name, code in FILES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", new_database(server))
    with fake.serve() as served:
        monkeypatch.setenv("ATTIO_BASE_URL", served.url)
        for tenant in ("ACME", "GLOBEX"):
            monkeypatch.setenv(f"{tenant}_TOKEN", fake.token)
        sys.modules.pop("app", None)
        yield fake
        sys.modules.pop("app", None)


def test_a_newcomer_has_a_scheduled_sync(fake: FakeAttio) -> None:
    sample = [
        line for line in FILES["app.py"].splitlines() if line and not line.startswith(("import", "from"))
    ]
    assert len(sample) <= 10
    commands = re.findall(r"^attio-async (engine .*)$", PAGE, re.MULTILINE)[:3]
    assert commands[2] == "engine worker app:engine"
    for command in (*commands[:2], f"{commands[2]} --once"):
        result = run_command(*command.split())
        assert result.exit_code == 0, result.output
    assert [record["values"]["name"][0]["value"] for record in fake.records("companies")] == ["Example"]
    later = run_command("engine", "status", "--show", "next", "--format", "tsv")
    assert "push\tacme\t900" in later.stdout


def test_the_program_prints_what_the_page_says(fake: FakeAttio) -> None:
    printed = re.search(r"# operate\.py\n.*?```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert printed is not None
    done = subprocess.run(
        [sys.executable, "-W", "error", "operate.py"],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, printed[1]), done.stderr


def test_the_periodic_jobs_run(fake: FakeAttio) -> None:
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    assert run_command("engine", "init").exit_code == 0
    assert run_command("engine", "tenants", "add", "acme").exit_code == 0
    sys.modules.pop("periodic", None)
    for _ in range(2):
        result = run_command("engine", "worker", "periodic:engine", "--once")
        assert result.exit_code == 0, result.output
    runs = run_command("engine", "status", "--show", "runs", "--format", "csv", "--columns", "job,state")
    assert sorted(runs.stdout.splitlines()[1:]) == ["copy,succeeded", "follow,succeeded", "push,succeeded"]
    assert (Path("acme.duckdb").exists(), Path("acme.db").exists()) == (True, True)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_other_samples_run(sample: str) -> None:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(sample, names)
    assert repr(names["engine"]) == "<Engine of 0 jobs>"
