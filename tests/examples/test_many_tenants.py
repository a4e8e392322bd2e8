"""The example of many tenants: it runs by itself, and it would notice what is lost or doubled."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import attio_async
import attio_async_api
from attio_async.engine import Overview
from tests.engine.made_up import AT
from tests.redis_server import needs_redis

from .support import EXAMPLES

pytestmark = pytest.mark.full


@needs_redis
def test_it_ends_by_itself_and_loses_nothing() -> None:
    sources = [str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)]
    done = subprocess.run(
        [sys.executable, "-m", "many_tenants", "--rows", "8", "--port", "0"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sources, str(EXAMPLES)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=650,
    )
    if "is not installed" in done.stderr:
        pytest.skip(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(
        r"20 tenants, 160 companies, \d+ writes, \d+ rate-limited, 2 workers killed\n"
        r"0 lost, 0 doubled, 0 webhooks without effect, 0 dead letters\n$",
        done.stdout,
    )
    assert re.search(r"look at http://127\.0\.0\.1:\d+/engine/", done.stdout)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name, value in (("FOLDER", str(tmp_path)), ("POSTGRES", "dbname=none"), ("REDIS", "redis://none")):
        monkeypatch.setenv(f"DEMO_{name}", value)
    yield importlib.import_module("many_tenants.__main__")
    for name in [each for each in sys.modules if each.split(".")[0] == "many_tenants"]:
        del sys.modules[name]


def fill(program: Any, folder: Path) -> Any:
    """Return workspaces in which everything is as it should be."""
    workspaces = program.Workspaces(folder, 2)
    for name, rows in workspaces.rows.items():
        for row in rows:
            company = {
                "name": row["name"],
                "domains": [row["domains"]],
                "description": f"Welcome, {row['name']}",
            }
            workspaces.fakes[name].seed.add_record("companies", company)
    return workspaces


def test_it_notices_what_is_wrong(program: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Overview(at=AT)
    assert program.summary(fill(program, tmp_path), nothing, 0)
    assert not program.summary(fill(program, tmp_path), Overview(at=AT, counts={"dead": 1}), 0)
    lost, doubled, undone = (fill(program, tmp_path) for _ in range(3))
    lost.rows["tenant-03"].append({"name": "Lost", "domains": "lost.example.com"})
    twice = {
        "name": "Company 1 of tenant-04",
        "domains": ["d.example.com"],
        "description": "Welcome, Company 1 of tenant-04",
    }
    doubled.fakes["tenant-04"].seed.add_record("companies", twice)
    undone.rows["tenant-05"].append({"name": "New", "domains": "new.example.com"})
    undone.fakes["tenant-05"].seed.add_record("companies", {"name": "New"})
    capsys.readouterr()
    for workspaces in (lost, doubled, undone):
        assert not program.summary(workspaces, nothing, 2)
    printed = capsys.readouterr().out
    assert "1 lost, 0 doubled, 1 webhooks without effect" in printed
    assert "0 lost, 1 doubled, 0 webhooks without effect" in printed
    assert "0 lost, 0 doubled, 1 webhooks without effect" in printed
