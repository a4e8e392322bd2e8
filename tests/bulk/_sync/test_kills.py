"""A sync that is killed with SIGKILL again and again ends as if it had not been."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres import running_postgres

import attio_async
import attio_async_api
from attio_async.testing import FakeAttio

pytestmark = [pytest.mark.full, pytest.mark.at_length]

ROWS = 60
FOUND = 12
"""Companies that exist before the sync."""
KILLS = 3
WORKERS = 4
"""The rows in flight of each process, see sync_process.py."""


@pytest.fixture
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "s.db")
    else:
        with running_postgres() as conninfo:
            yield conninfo


@pytest.mark.parametrize(
    ("state", "seed"), [*(("sqlite", seed) for seed in range(3)), ("postgres", 0)], indirect=["state"]
)
def test_a_killed_sync_is_continued_and_knows_what_it_created(state: str, seed: int) -> None:
    chance = random.Random(seed)
    fake = FakeAttio(latency=0.004)
    fake.seed.add_attribute("companies", "plan", "text")
    for number in range(FOUND):
        fake.seed.add_record(
            "companies", {"domains": [f"c{number}.example.com"], "name": f"By hand {number}"}
        )
    with fake.serve(port=0) as server:

        def sync(first: int, count: int, kills: int) -> int:
            died = 0
            for place in range(kills + 1):
                with process(server.url, state, first, count) as running:
                    if place < kills:
                        wait_for(fake, running, chance.randrange(3, 25))
                        died += running.poll() is None
                        running.kill()
                    else:
                        assert running.wait(timeout=60) == 0
            return died

        assert sync(0, ROWS, kills=KILLS) >= 1
        assert plans(fake) == {f"c{number}.example.com": "Pro" for number in range(ROWS)}
        assert len(fake.records("companies")) == ROWS
        assert sync(FOUND // 2, 10, kills=KILLS) >= 1
    kept = names(FOUND // 2, FOUND // 2 + 10)
    left = plans(fake)
    assert {name for name, plan in left.items() if plan == "Pro"} == kept
    # What the sync created is deleted, also what a process created that was killed; what it found is cleared. So is what
    # was in flight at a kill, since nothing proves who created it.
    assert names(0, FOUND) <= left.keys()
    assert len(left.keys() - names(0, FOUND) - kept) <= KILLS * WORKERS


def names(start: int, end: int) -> set[str]:
    return {f"c{number}.example.com" for number in range(start, end)}


def plans(fake: FakeAttio) -> dict[str, str | None]:
    found = [record["values"] for record in fake.records("companies")]
    return {
        values["domains"][0]["domain"]: values["plan"][0]["value"] if values["plan"] else None
        for values in found
    }


def process(url: str, state: str, first: int, count: int) -> "subprocess.Popen[bytes]":
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
    script = Path(__file__).with_name("sync_process.py")
    return subprocess.Popen(
        [sys.executable, str(script), url, state, str(first), str(count)], env=environment
    )


def wait_for(fake: FakeAttio, running: "subprocess.Popen[bytes]", more: int) -> None:
    """Wait until so many writes were sent, or the process has ended."""
    before = writes(fake)
    deadline = time.monotonic() + 60
    while writes(fake) - before < more and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def writes(fake: FakeAttio) -> int:
    return sum(call.method != "GET" and not call.path.endswith("/query") for call in fake.calls)
