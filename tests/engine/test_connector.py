"""The connection of an engine to its database, without one."""

import asyncio

import pytest

from attio_async.engine._connector import DurableConnector

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_cancellation_that_the_pool_loses_comes_afterwards() -> None:
    connector = DurableConnector("postgresql://localhost/none", max_size=1)
    found: list[str] = []

    async def action() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "result"  # as `asyncio.wait_for` of Python 3.11 does where the connection comes at the same time
        return "too late"

    async def work() -> None:
        found.append(await connector.persist(action))
        await asyncio.sleep(60)
        found.append("went on")

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task], timeout=10)
    assert (found, task.cancelled(), task.cancelling()) == (["result"], True, 1)
