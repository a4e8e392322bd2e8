"""The example of four workers, against a fake with strict limits and a Redis server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import attio_async
import attio_async_api
from attio_async.testing import FakeAttio, Limits
from tests.redis_server import needs_redis, running_redis

pytestmark = pytest.mark.full

PROGRAM = Path(__file__).parents[2] / "examples" / "four_workers" / "workers.py"
ROWS = 60


@needs_redis
def test_four_workers_write_every_row_once_within_the_limit(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    table = tmp_path / "companies.csv"
    lines = ["name,domains", *(f"Company {number},c{number}.example.com" for number in range(ROWS))]
    table.write_text("\n".join(lines), encoding="utf-8")
    fake = FakeAttio(limits=Limits(window="sliding"), token="shared-by-four")
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    with running_redis("very-secret") as redis, fake.serve(port=0) as server:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sources),
            "ATTIO_API_KEY": "shared-by-four",
            "ATTIO_BASE_URL": server.url,
            "REDIS_URL": redis.url,
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", PROGRAM, table],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert (
        re.findall(
            r"worker \d: (\d+) created, 0 updated, 0 failed, \d+ rate-limited, shared limit", done.stdout
        )
        == [str(ROWS // 4)] * 4
    )
    written = [call for call in fake.calls if call.method == "PUT" and call.status == 200]
    assert len(written) == ROWS
    assert sum(call.status == 429 for call in fake.calls) <= 3  # none, unless this machine is busy
    assert "very-secret" not in done.stdout + done.stderr
