"""Groups of tasks: which exceptions leave them, and that no cancellation is taken for their end."""

import asyncio
from collections.abc import Awaitable, Callable

import anyio
import pytest

from attio_async._utils.concurrency import task_group

pytestmark = pytest.mark.anyio


async def _fail() -> None:
    await anyio.lowlevel.checkpoint()
    raise LookupError("lost")


async def test_the_exception_of_a_task_is_raised_as_it_is() -> None:
    with pytest.raises(LookupError, match="lost") as caught:
        async with task_group() as tasks:
            tasks.start_soon(_fail)
            tasks.start_soon(anyio.sleep_forever)
            await anyio.sleep_forever()
    assert caught.value.__suppress_context__
    with pytest.raises(LookupError, match="of the block"):
        async with task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            raise LookupError("of the block")


async def test_a_group_that_is_cancelled_ends() -> None:
    async with task_group() as tasks:
        tasks.start_soon(anyio.sleep_forever)
        tasks.cancel_scope.cancel()
    with anyio.move_on_after(0.01) as scope:
        async with task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
    assert scope.cancelled_caught


async def _cancel_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(1)


async def _await_cancelled() -> None:
    waited_for = asyncio.ensure_future(asyncio.sleep(1))
    waited_for.cancel()
    await waited_for


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("work", [_cancel_itself, _await_cancelled])
async def test_a_task_that_was_cancelled_by_something_else_has_failed(
    work: Callable[[], Awaitable[None]],
) -> None:
    ended = []

    async def other() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("other")

    with pytest.raises(asyncio.CancelledError):
        async with task_group() as tasks:
            tasks.start_soon(other)
            tasks.start_soon(work)
    assert ended == ["other"]
    with pytest.raises(asyncio.CancelledError):
        async with task_group() as outer, task_group() as inner:
            outer.start_soon(other)
            inner.start_soon(work)
    with pytest.raises(asyncio.CancelledError):
        async with task_group(), task_group() as inner, task_group():
            inner.start_soon(work)
            await asyncio.sleep(1)  # is cancelled by the block
    await asyncio.sleep(0)  # this task was not cancelled


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_group_of_asyncio_takes_such_a_cancellation_for_one() -> None:
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.TaskGroup(), task_group() as tasks:
            tasks.start_soon(_await_cancelled)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_group_whose_own_task_is_cancelled_is_cancelled() -> None:
    async def work() -> None:
        async with task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
