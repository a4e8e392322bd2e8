"""Whatever changes and breaks while a mirror is refreshed, one quiet refresh makes it equal to the workspace."""

import contextlib
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from attio_async.errors import AttioError
from attio_async.testing import VirtualClock

from .support import Editor, replay, state_of, tables_of, workspace

pytestmark = pytest.mark.anyio


class Cut(Exception):
    """The end of a sweep at a random moment."""


STEPS = ("open", "begin", "stale", "take", "unseen", "drop", "complete", "commit", "publish", "close")


class Breaker:
    """Lets a target fail at a random call, before or after it."""

    def __init__(self, target: Any, chance: random.Random) -> None:
        self.chance = chance
        self.left = -1
        for name in STEPS:
            setattr(target, name, self._breaking(getattr(target, name), name))

    def _breaking(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*given: Any, **options: Any) -> Any:
            self.left -= 1
            is_due = self.left == 0 and name != "close"
            if is_due and self.chance.random() < 0.5:
                raise Cut
            found = method(*given, **options)
            if is_due:
                raise Cut
            return found

        return call


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_quiet_refresh_makes_the_mirror_equal(tmp_path: Path) -> None:
    await check(tmp_path, 1, sweeps=2)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(100, 140))
async def test_a_quiet_refresh_makes_the_mirror_equal_at_length(tmp_path: Path, seed: int) -> None:
    await check(tmp_path, seed, sweeps=5)


async def check(tmp_path: Path, seed: int, *, sweeps: int) -> None:
    chance = random.Random(seed)
    fake = workspace(clock=VirtualClock())
    path = tmp_path / "crm.duckdb"
    is_quiet = True

    async def edit(request: Any, send: Callable[[Any], Awaitable[Any]]) -> Any:
        if not is_quiet and chance.random() < 0.5:
            await editor.edit()
        return await send(request)

    async with fake.client() as others, fake.client(middleware=[edit]) as attio:
        editor = Editor(fake, others, chance)
        async with attio.mirror(path) as mirror:
            breaker = Breaker(mirror._target, chance)
            for _ in range(sweeps):
                is_quiet = False
                breaker.left = chance.choice([-1, chance.randrange(1, 60)])
                with contextlib.suppress(Cut, AttioError):
                    await mirror.refresh()
                for _ in range(chance.randrange(6)):
                    await editor.edit()
            is_quiet, breaker.left = True, -1
            report = await mirror.refresh()
            if report.is_resumed:
                report = await mirror.refresh()
            quiet = await mirror.refresh()
    assert not quiet.is_changed
    assert not quiet.is_published
    async with fake.client() as fresh:
        expected = await state_of(fresh)
    assert tables_of(path) == expected
    assert replay(path) == tables_of(path, as_json=True)
