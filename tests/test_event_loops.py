"""A client outlives event loops, one after another, and is refused to two that run at the same time."""

import asyncio
import gc
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
import trio

from attio_async import Attio, RateLimiter
from attio_async._limits.gate import Gate
from attio_async._limits.limiter import limits_of
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, VirtualClock
from attio_async_api.operations import GET_SELF

_BACKENDS = ["httpx", "httpx2", "aiohttp"]


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """Leave what other tests made out of the many collections of these, which the client starts, too."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """Return the URL of a fake that is served in a thread of its own."""
    with FakeAttio().serve() as server:
        yield server.url


async def used(attio: Attio, times: int = 4) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(times):
            group.start_soon(attio.companies.first)


def client(url: str, **options: Any) -> Attio:
    return Attio(FakeAttio().token, base_url=url, max_connections=4, **options)


@pytest.mark.parametrize("backend", _BACKENDS)
def test_a_client_of_a_module_is_used_by_one_loop_after_another(served: str, backend: Any) -> None:
    attio = client(served, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            asyncio.run(used(attio))
            gc.collect()
        asyncio.run(attio.aclose())
        gc.collect()


def test_a_client_changes_from_asyncio_to_trio_and_back(served: str) -> None:
    attio = client(served)
    asyncio.run(used(attio))
    trio.run(used, attio)
    trio.run(used, attio)
    asyncio.run(used(attio))
    trio.run(attio.aclose)


@pytest.mark.anyio
async def test_requests_that_a_loop_left_behind_cost_nothing() -> None:
    limits = limits_of(RateLimiter())
    gate = Gate(limits, 2, VirtualClock())
    lane = limits.lane_of(GET_SELF)
    left = [await gate.enter(lane, gate.position()) for _ in range(2)]
    async with anyio.create_task_group() as group:
        group.start_soon(gate.enter, lane, gate.position())
        await anyio.wait_all_tasks_blocked()
        gate.forget()
        again = [await gate.enter(lane, gate.position()) for _ in range(2)]
        for permit in left:
            permit.answered()  # too late, and of no effect
        group.cancel_scope.cancel()
    assert len({*left, *again}) == 4


@pytest.mark.parametrize("backend", _BACKENDS)
def test_two_loops_that_run_at_once_are_refused_and_never_hang(served: str, backend: Any) -> None:
    attio = client(served, backend=backend)
    started, done = threading.Barrier(3), threading.Event()
    outcomes: list[object] = []

    def run() -> None:
        async def work() -> None:
            await attio.companies.first()
            await asyncio.to_thread(done.wait, 10)

        started.wait(10)
        try:
            asyncio.run(work())
        except ConfigurationError as error:
            outcomes.append(error)
            if len(outcomes) == 2:
                done.set()
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert [outcome for outcome in outcomes if outcome is None] == [None]
    assert all(
        "make one client for each loop or thread" in str(each) for each in outcomes if each is not None
    )
    asyncio.run(attio.aclose())
