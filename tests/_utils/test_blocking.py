"""Blocking work and clean-up run to their end, whatever cancels the caller."""

import asyncio
import threading

import anyio
import pytest

from attio_async._utils.blocking import finish, run_blocking

pytestmark = pytest.mark.anyio


async def test_results_and_errors_come_back() -> None:
    assert await run_blocking(lambda: threading.current_thread() is threading.main_thread()) is False
    with pytest.raises(ZeroDivisionError):
        await run_blocking(lambda: 1 // 0)

    async def step() -> int:
        await anyio.lowlevel.checkpoint()
        return 7

    assert await finish(step) == 7


async def test_a_scope_that_is_cancelled_waits_for_the_thread() -> None:
    begun, ended = anyio.Event(), threading.Event()

    def work() -> None:
        anyio.from_thread.run_sync(begun.set, token=token)
        go.wait(5)
        ended.set()

    token, go = anyio.lowlevel.current_token(), threading.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(run_blocking, work)
        await begun.wait()
        group.cancel_scope.cancel()
        go.set()
    assert ended.is_set()


def test_a_task_that_is_cancelled_again_and_again_waits_for_the_thread() -> None:
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait(5)
        ended.set()

    async def main() -> None:
        task = asyncio.create_task(run_blocking(work))
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(main())


def test_a_loop_that_ends_waits_for_the_thread() -> None:
    begun, go, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait(5)
        ended.set()

    async def main() -> None:
        task = asyncio.create_task(run_blocking(work))
        await asyncio.to_thread(begun.wait)
        asyncio.get_running_loop().call_later(0.01, go.set)  # while the loop cancels what is left
        assert not task.done()

    asyncio.run(main())
    assert ended.is_set()


def test_a_step_is_done_whole_when_its_caller_is_cancelled() -> None:
    done: list[int] = []

    async def step() -> None:
        for number in range(3):
            await asyncio.sleep(0)
            done.append(number)

    async def main() -> None:
        task = asyncio.create_task(finish(step))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert done == [0, 1, 2]


def test_a_timeout_of_asyncio_is_still_told_as_a_timeout() -> None:
    go = threading.Event()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                asyncio.get_running_loop().call_later(0.02, go.set)
                await run_blocking(lambda: go.wait(5))
        assert asyncio.current_task().cancelling() == 0

    asyncio.run(main())
