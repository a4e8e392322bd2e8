"""Ctrl-C and SIGTERM at random moments of commands: a documented exit code, no traceback, and the next run goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

pytestmark = pytest.mark.full

_COUNT = 600
_CODES = {0, 1, 2, 130}
_COMMANDS: dict[str, list[str]] = {
    "changes": ["changes", "companies", "--state", "state.db"],
    "export": ["export", "companies", "--out", "out.jsonl", "--resume", "--force"],
    "fresh-export": ["export", "companies", "--out", "out.csv", "--force"],
    "import": ["import", "rows.csv", "--object", "companies", "--match", "domains", "--journal", "job.db"],
    "query": ["query", "companies"],
    "whoami": ["whoami"],
    "objects": ["objects"],
    "api": ["api", "GET", "/v2/self"],
    "doctor": ["doctor"],
    "webhooks": ["webhooks", "list"],
    "schema": ["schema", "pull", "--out", "schema.yaml", "--force"],
    "serve": ["serve", "--port", "0"],
    "demo": ["demo"],
    "version": ["--version"],
}


def _interrupt(
    command: list[str], env: dict[str, str], folder: Path, after: float, number: int
) -> tuple[int, str, str]:
    with (folder / "stdout").open("wb") as stdout, (folder / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=stdout, stderr=stderr)
        time.sleep(after)
        process.send_signal(number)
        code = process.wait(30)
    return code, (folder / "stdout").read_text("utf-8"), (folder / "stderr").read_text("utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("name", _COMMANDS)
def test_a_command_that_is_interrupted_ends_as_documented(
    name: str, number: signal.Signals, tmp_path: Path
) -> None:
    fake = FakeAttio(keep_calls=0, latency=0.002)
    for index in range(_COUNT):
        values: dict[str, Any] = {"name": [f"C{index}"], "domains": [f"c{index}.example.com"]}
        fake.seed.add_record("companies", values)
    rows = "".join(f"N{index},n{index}.example.com\n" for index in range(40))
    (tmp_path / "rows.csv").write_text(f"name,domains\n{rows}", encoding="utf-8")
    generator = random.Random(f"{name}{number}")
    command = [sys.executable, "-X", "faulthandler", "-m", "attio_async", *_COMMANDS[name]]
    told: Counter[str] = Counter()
    with fake.serve() as server:
        env = {
            **os.environ,
            "ATTIO_BASE_URL": server.url,
            "ATTIO_API_KEY": fake.token,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
        for _ in range(6):
            code, out, err = _interrupt(command, env, tmp_path, generator.uniform(0.15, 1.5), number)
            told.update(_changed(name, out))
            if code == -number and ", in main" not in err:
                continue  # Python ended by itself, before it had loaded our first line or after it had run the last
            assert code in _CODES, (code, err)
            assert "Traceback" not in err, err
        if name in {"serve", "demo", "doctor"}:
            return
        done = subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        told.update(_changed(name, done.stdout))
    if name == "changes":
        assert len(told) == _COUNT
        # What was printed and could not be confirmed any more is told again; that is one read at most.
    if name == "export":
        lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
        assert len({json.loads(line)["record_id"] for line in lines}) == len(lines) == _COUNT
        assert not [each.name for each in tmp_path.iterdir() if ".part" in each.name]
    if name == "import":
        names = Counter(
            str(record["values"]["name"][0]["value"])
            for record in json.loads(
                fake.handle(
                    "POST",
                    "/v2/objects/companies/records/query",
                    {"authorization": f"Bearer {fake.token}", "content-type": "application/json"},
                    b'{"limit": 1000}',
                ).body
            )["data"]
        )
        found = [names[f"N{index}"] for index in range(40)]
        assert found == [1] * 40


def _changed(name: str, out: str) -> list[str]:
    if name != "changes":
        return []
    lines = [line for line in out.splitlines() if line.endswith("}")]
    return [json.loads(line)["record_id"] for line in lines]
