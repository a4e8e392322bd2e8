"""The example of a shared job, against a fake, with a PostgreSQL and a Redis server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import attio_async
import attio_async_api
from attio_async.testing import FakeAttio, Limits
from tests.postgres import running_postgres
from tests.redis_server import needs_redis, running_redis

PROGRAM = Path(__file__).parents[2] / "examples" / "shared_job" / "workers.py"
ROWS = 40


@pytest.mark.full
@needs_redis
def test_two_workers_share_the_rows(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    pytest.importorskip("psycopg")
    table = tmp_path / "companies.csv"
    lines = ["name,domains", *(f"Company {number},c{number}.example.com" for number in range(ROWS))]
    table.write_text("\n".join(lines), encoding="utf-8")
    fake = FakeAttio(limits=Limits(), token="shared-by-two")
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    with running_postgres() as postgres, running_redis() as redis, fake.serve(port=0) as server:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sources),
            "ATTIO_API_KEY": "shared-by-two",
            "ATTIO_BASE_URL": server.url,
            "REDIS_URL": redis.url,
            "DATABASE_URL": postgres,
        }
        commands = [[sys.executable, "-W", "error", str(PROGRAM), *more] for more in ([str(table)], [])]
        workers = [
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
            for command in commands
        ]
        outputs = [worker.communicate(timeout=120)[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    found = [
        re.fullmatch(r"(\d+) rows by this worker; in all (\d+) created, 0 failed\n", text) for text in outputs
    ]
    assert sum(int(match[1]) for match in found if match) == ROWS
    assert all(match and match[2] == str(ROWS) for match in found)
    assert len(fake.records("companies")) == ROWS
