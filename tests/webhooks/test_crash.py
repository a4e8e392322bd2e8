"""Killed again and again, with duplicates, out of order, and handlers that fail: nothing is lost."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import attio_async
import attio_async_api
from tests._core.redis_server import redis_server, running_redis

KILLS = 6
MESSAGES = 400
AT_ONCE = 10


def plan_of(chance: random.Random) -> list[tuple[str, int]]:
    """Messages about some records, a fifth of them twice, a tenth out of order."""
    plan = [(f"m{place}", chance.randrange(40)) for place in range(MESSAGES)]
    plan += [chance.choice(plan) for _ in range(MESSAGES // 5)]
    for _ in range(MESSAGES // 10):
        a, b = chance.randrange(len(plan)), chance.randrange(len(plan))
        plan[a], plan[b] = plan[b], plan[a]
    return plan


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where deliveries are kept while the process that receives them dies: a file, or another process."""
    if request.param == "sqlite":
        yield str(tmp_path / "hooks.db")
        return
    pytest.importorskip("redis")
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    with running_redis() as server:
        yield server.url


def test_nothing_is_lost_and_what_was_finished_is_not_repeated(tmp_path: Path, store: str) -> None:
    plan_path, log_path = tmp_path / "plan", tmp_path / "log"
    chance = random.Random(8)
    unsent = plan_of(chance)
    everything = {key for key, _ in unsent}
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
    script = str(Path(__file__).with_name("crashing.py"))
    log_path.touch()
    deaths = 0
    while deaths < KILLS or "finished" not in log_path.read_text("utf-8"):
        # Attio sends again what was not answered, and the rest after it.
        answered = {line.split()[1] for line in lines(log_path) if line.startswith("answered-2")}
        unsent = [(key, record) for key, record in unsent if key not in answered or chance.random() < 0.2]
        plan_path.write_text("".join(f"{key} {record}\n" for key, record in unsent), "utf-8")
        command = [sys.executable, script, store, str(log_path), str(plan_path)]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        if deaths < KILLS:
            wait_for_more(log_path, process, lines_more=80 + chance.randrange(80))
            process.kill()
            deaths += 1
            process.wait()
        else:
            assert process.wait(timeout=60) == 0
    counted = Counter(line for line in lines(log_path) if line.startswith("handled"))
    assert set(counted) == {f"handled {key}" for key in everything}
    # Only what was being handled when the process died may have been handled once more: one of each record.
    repeated = sum(times - 1 for times in counted.values())
    assert repeated <= KILLS * AT_ONCE


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def wait_for_more(path: Path, process: "subprocess.Popen[bytes]", *, lines_more: int) -> None:
    wanted = len(lines(path)) + lines_more
    while len(lines(path)) < wanted and process.poll() is None:
        time.sleep(0.002)
