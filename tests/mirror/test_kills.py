"""Refreshes are killed at 200 random moments, of each kind of mirror; one quiet refresh makes it right."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from attio_async import Attio
from attio_async.testing import FakeAttio

from .support import Editor, replay, state_of, tables_of, workspace
from .test_targets import Tables, in_parquet, in_postgres, replayed_in_postgres, server

__all__ = ["server"]

pytestmark = [pytest.mark.anyio, pytest.mark.full, pytest.mark.at_length]

KILLS = 20
SEEDS = [seed if seed < 2 else pytest.param(seed, marks=pytest.mark.chaos) for seed in range(10)]
HISTORY = ["companies.score"]
PARENT = f"""
import asyncio, os, sys
import duckdb, psycopg
from attio_async import Attio
from attio_async.mirror import Mirror

async def work():
    async with Attio() as attio, attio.mirror(sys.argv[1], history={HISTORY}) as mirror:
        while True:
            await mirror.refresh()

for line in sys.stdin:
    child = os.fork()
    if not child:
        asyncio.run(work())
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""A process that has imported everything, and forks one that refreshes for each line it reads."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Refreshes:
    """Refreshes in processes of their own, one after the other."""

    def __init__(self, parent: "subprocess.Popen[str]") -> None:
        self.parent = parent

    def start(self) -> int:
        """Start one, and return its process id."""
        assert self.parent.stdin is not None
        self.parent.stdin.write("go\n")
        self.parent.stdin.flush()
        return int(self._line())

    def kill(self, process: int) -> None:
        """Kill it, and check that it ran until then."""
        os.kill(process, signal.SIGKILL)
        assert int(self._line()) == -signal.SIGKILL

    def _line(self) -> str:
        assert self.parent.stdout is not None
        return self.parent.stdout.readline()


@contextmanager
def refreshing(where: str, url: str, token: str) -> Iterator[Refreshes]:
    paths = os.pathsep.join(str(Path(part).resolve()) for part in sys.path if part)
    environment = {**os.environ, "ATTIO_BASE_URL": url, "ATTIO_API_KEY": token, "PYTHONPATH": paths}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, where],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        yield Refreshes(parent)


async def survive(where: str, seed: int, look: Callable[[], None]) -> FakeAttio:
    """Kill refreshes of a workspace that changes meanwhile, refresh in peace, and return the workspace.

    After each kill, `look` checks that readers see a complete sweep.
    """
    chance = random.Random(seed)
    fake = workspace()
    with fake.serve() as served, refreshing(where, served.url, fake.token) as refreshes:
        start = anyio.current_time()
        async with (
            Attio(fake.token, base_url=served.url) as attio,
            attio.mirror(where, history=HISTORY) as mirror,
        ):
            await mirror.refresh()
        usual = min(anyio.current_time() - start, 6.0)
        async with fake.client() as attio:
            editor = Editor(fake, attio, chance)
            for _ in range(KILLS):
                process = refreshes.start()
                # Beside the edits, and in a process of its own, a refresh takes up to twice as long as the first one.
                end = anyio.current_time() + chance.uniform(0, 3 * usual)
                while (left := end - anyio.current_time()) > 0:
                    await editor.edit()
                    await anyio.sleep(min(left, 0.1))
                refreshes.kill(process)
                look()
    async with fake.client() as attio, attio.mirror(where, history=HISTORY) as mirror:
        assert (await mirror.status()).sweep > 1  # some were committed between the kills
        if (await mirror.refresh()).is_resumed:
            await mirror.refresh()
        assert not (await mirror.refresh()).is_changed
    return fake


async def check(where: str, seed: int, tables: Callable[[], Tables], log: Callable[[], None]) -> None:
    fake = await survive(where, seed, log)
    async with fake.client() as fresh:
        assert tables() == await state_of(fresh)
    log()


@pytest.mark.parametrize("seed", SEEDS)
async def test_duckdb(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "crm.duckdb"

    def log() -> None:
        assert replay(path) == tables_of(path, as_json=True)

    await check(str(path), seed, lambda: tables_of(path), log)


@pytest.mark.parametrize("seed", SEEDS)
async def test_postgres(server: str, seed: int) -> None:
    prefix = f"killed_{seed}_"
    await check(
        f"{server}#{prefix}",
        seed,
        lambda: in_postgres(server, prefix),
        lambda: replayed_in_postgres(server, prefix),
    )


@pytest.mark.parametrize("seed", SEEDS)
async def test_parquet(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "crm"
    await check(f"{folder}/", seed, lambda: in_parquet(folder), lambda: in_parquet(folder) and None)
