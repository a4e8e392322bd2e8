"""Blocking work and clean-up run to their end, whatever cancels the caller."""

import asyncio
import os
import threading

import anyio
import pytest

from attio_async._utils.shield import finish, run_blocking

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


def test_a_task_that_is_cancelled_again_and_again_waits_for_the_thread_and_gets_its_result() -> None:
    begun, go, got = threading.Event(), threading.Event(), list[int]()

    def work() -> int:
        begun.set()
        go.wait(5)
        return 7

    async def caller() -> None:
        got.append(await run_blocking(work))
        await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(caller())
        await asyncio.to_thread(begun.wait)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
            assert not task.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert got == [7]

    asyncio.run(main())


def test_a_cancelled_task_begins_no_further_work() -> None:
    begun, go, done = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        go.wait(5)

    async def caller() -> None:
        await run_blocking(work)
        try:
            await run_blocking(lambda: done.append("more"))
        finally:
            await finish(clean_up)

    async def clean_up() -> None:
        await run_blocking(lambda: done.append("clean-up"))

    async def main() -> None:
        task = asyncio.create_task(caller())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == ["clean-up"]

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

    async def caller() -> None:
        await finish(step)
        await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(caller())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert done == [0, 1, 2]


@pytest.mark.parametrize("ends_in_time", [False, True])
def test_a_timeout_of_asyncio_is_told_unless_its_block_ends_with_the_work(*, ends_in_time: bool) -> None:
    go = threading.Event()

    async def main() -> str:
        asyncio.get_running_loop().call_later(0.02, go.set)
        try:
            async with asyncio.timeout(0.01):
                await run_blocking(lambda: go.wait(5))
                if not ends_in_time:
                    await asyncio.sleep(60)
        except TimeoutError:
            return "timeout"
        finally:
            for _ in range(3):
                await asyncio.sleep(0)  # nothing is left of the cancellation
            assert asyncio.current_task().cancelling() == 0
        return "done"

    assert asyncio.run(main()) == ("done" if ends_in_time else "timeout")


def test_an_outer_timeout_is_told_after_an_inner_one() -> None:
    go = threading.Event()

    async def main() -> None:
        asyncio.get_running_loop().call_later(0.03, go.set)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                async with asyncio.timeout(0.01):
                    await run_blocking(lambda: go.wait(5))
                await asyncio.sleep(60)
        assert asyncio.current_task().cancelling() == 0

    asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    async def main() -> int:
        return await run_blocking(lambda: 7)

    assert asyncio.run(main()) == 7
    child = os.fork()
    if child == 0:
        threading.Timer(20, os._exit, [1]).start()
        os._exit(0 if asyncio.run(main()) == 7 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_step_is_done_although_its_own_task_is_cancelled_before_it_begins() -> None:
    """A loop that ends cancels all tasks, and a file would stay open."""
    done: list[int] = []

    async def step() -> None:
        done.append(1)

    async def main() -> None:
        before = asyncio.all_tasks()
        asyncio.create_task(finish(step))  # noqa: RUF006 - cancelled below
        await asyncio.sleep(0)
        for task in asyncio.all_tasks() - before:
            task.cancel()
        for _ in range(5):
            await asyncio.sleep(0)

    asyncio.run(main())
    assert done == [1]


def test_a_task_that_is_cancelled_while_it_runs_is_cancelled_after_the_work() -> None:
    """As by Ctrl-C, whose signal arrives in the middle of the task's own code."""

    async def work() -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        assert await run_blocking(lambda: "done") == "done"
        await asyncio.sleep(0.1)
        return "not cancelled"

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(work())
