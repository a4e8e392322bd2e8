"""A sweep that is killed again and again with SIGKILL loses nothing, and a confirmed change never comes again."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import attio_async
import attio_async_api
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = [pytest.mark.anyio, pytest.mark.full, pytest.mark.at_length]


KILLS = 3


PEOPLE = 80


async def prepared(tmp_path: Path) -> set[str]:
    """Save a changed workspace and the snapshot before, and return the changes that a sweep must find."""
    fake = FakeAttio(clock=VirtualClock())
    for number in range(PEOPLE):
        fake.clock.advance(1)
        fake.seed.add_record("people", {"name": f"P {number}", "job_title": "x"})
    async with fake.client() as attio:
        async with attio.feed(tmp_path / "people.db", objects=["people"], baseline=True) as changes:
            assert [change async for change in changes] == []
        expected: set[str] = set()
        for number, record in enumerate(fake.records("people")):
            identity = record["id"]["record_id"]
            if number % 10 == 0:
                await attio.people.delete(identity)
                expected.add(f"Deleted-{identity}-")
            else:
                await attio.people.update(identity, {"job_title": "y"})
                expected.add(f"Changed-{identity}-job_title")
        for number in range(20):
            created = await attio.people.create({"name": f"New {number}"})
            expected.add(f"Created-{created.id}-")
    (tmp_path / "workspace.json").write_bytes(fake.to_json())
    return expected


def lines(log: Path) -> list[list[str]]:
    return [line.split(" ") for line in log.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("more", [(), ("events",)], ids=["sweeps", "events"])
async def test_a_killed_feed_is_resumed(more: tuple[str, ...], tmp_path: Path) -> None:
    expected = await prepared(tmp_path)
    log, chance = tmp_path / "log", random.Random(5)
    log.touch()
    for place in range(KILLS + 1):
        with process(tmp_path, *more) as running:
            if place < KILLS:
                wait_for(log, running, more=15 + chance.randrange(25))
                running.kill()
            else:
                assert running.wait(timeout=60) == 0
    given = [(number, told) for what, number, told in lines(log) if what == "given"]
    assert {told for _, told in given} == expected
    seen: set[str] = set()
    for what, number, _ in lines(log):
        assert not (what == "given" and number in seen)
        if what == "confirmed":
            seen.add(number)
    # Only the change that was being confirmed when the process died may come twice.
    assert len(given) <= len(expected) + KILLS
    assert lines(log)[-1][0] == "finished"


def process(tmp_path: Path, *more: str) -> "subprocess.Popen[bytes]":
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
    files = [str(tmp_path / name) for name in ("workspace.json", "people.db", "log")]
    script = str(Path(__file__).with_name("sweep_process.py"))
    return subprocess.Popen([sys.executable, script, *files, *more], env=environment)


def wait_for(log: Path, running: "subprocess.Popen[bytes]", *, more: int) -> None:
    wanted = len(lines(log)) + more
    while len(lines(log)) < wanted and running.poll() is None:
        time.sleep(0.002)
