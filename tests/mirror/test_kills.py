"""A mirror whose refreshes are killed with SIGKILL again and again loses nothing, and readers always see a whole one."""

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

from .support import Editor, replay, state_of, tables_of, workspace

pytestmark = [pytest.mark.anyio, pytest.mark.full]

KILLS = 200


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_killed_refresh_leaves_the_last_complete_sweep(tmp_path: Path) -> None:
    chance = random.Random(7)
    fake = workspace(clock=VirtualClock())
    path = tmp_path / "crm.duckdb"
    sweeps = 0
    with fake.serve() as server:
        async with fake.client() as attio:
            editor = Editor(fake, attio, chance)
            for _ in range(KILLS):
                for _ in range(chance.randrange(5)):
                    await editor.edit()
                with process(path, server.url, fake) as running:
                    assert running.stdout is not None
                    running.stdout.readline()
                    time.sleep(3 * chance.random() ** 2)  # noqa: ASYNC251 - nothing else is to happen
                    running.kill()
                    sweeps += len(running.stdout.readlines())
                if path.exists():
                    assert replay(path) == tables_of(path, as_json=True)
    async with fake.client() as attio, attio.mirror(path) as mirror:
        if (await mirror.refresh()).is_resumed:
            await mirror.refresh()
        assert not (await mirror.refresh()).is_changed
    async with fake.client() as attio:
        assert tables_of(path) == await state_of(attio)
    assert replay(path) == tables_of(path, as_json=True)
    assert sweeps > KILLS / 10  # some were complete


def process(path: Path, url: str, fake: FakeAttio) -> "subprocess.Popen[bytes]":
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sources),
        "ATTIO_BASE_URL": url,
        "ATTIO_API_KEY": fake.token,
    }
    script = str(Path(__file__).with_name("refresh_process.py"))
    return subprocess.Popen(
        [sys.executable, script, str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
