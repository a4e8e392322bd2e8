"""Blocking work in threads: one call at a time, and together where it can be committed together."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import pytest

from attio_async._storage.executor import GroupCommit, SerialExecutor
from attio_async.webhooks import Delivery, SQLiteStore

pytestmark = pytest.mark.anyio


async def test_functions_run_one_at_a_time_and_in_their_order() -> None:
    executor, running, seen = SerialExecutor(), threading.Lock(), list[int]()

    def work(number: int) -> None:
        assert running.acquire(blocking=False)
        time.sleep(0.001)
        seen.append(number)
        running.release()

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(executor.run, lambda number=number: work(number))
            await anyio.lowlevel.checkpoint()
    assert seen == list(range(10))


async def test_waiting_items_are_committed_together_and_each_caller_gets_its_result() -> None:
    batches: list[list[int]] = []

    def commit(items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        return [2 * item for item in items]

    commits, results = GroupCommit(commit, SerialExecutor()), dict[int, int]()

    async def submit(item: int) -> None:
        results[item] = await commits.submit(item)

    async with anyio.create_task_group() as group:
        for item in range(50):
            group.start_soon(submit, item)
    assert results == {item: 2 * item for item in range(50)}
    assert sorted(item for batch in batches for item in batch) == list(range(50))
    assert len(batches) < 10


async def test_a_failed_commit_fails_for_every_caller_and_for_no_later_one() -> None:
    broken = True

    def commit(items: Sequence[int]) -> Sequence[int]:
        if broken:
            raise ZeroDivisionError
        return items

    commits, failed = GroupCommit(commit, SerialExecutor()), list[int]()

    async def submit(item: int) -> None:
        try:
            await commits.submit(item)
        except ZeroDivisionError:
            failed.append(item)

    async with anyio.create_task_group() as group:
        for item in range(5):
            group.start_soon(submit, item)
    assert sorted(failed) == [0, 1, 2, 3, 4]
    broken = False
    assert await commits.submit(7) == 7


def test_work_is_done_although_every_task_of_its_loop_is_cancelled() -> None:
    """A batch that nobody carries out would be waited for ever, also in the next loop."""
    done: list[int] = []

    def commit(items: Sequence[int]) -> Sequence[int]:
        time.sleep(0.01)
        done.extend(items)
        return items

    commits = GroupCommit(commit, SerialExecutor())

    async def first_loop() -> None:
        for item in range(3):
            asyncio.create_task(commits.submit(item))  # noqa: RUF006 - asyncio.run cancels them
            await asyncio.sleep(0)

    async def second_loop() -> int:
        return await asyncio.wait_for(commits.submit(9), 5)

    asyncio.run(first_loop())
    assert asyncio.run(second_loop()) == 9
    assert sorted(done) == [0, 1, 2, 9]


def in_child(work: Callable[[], object]) -> object:
    """Return what `work` returns in a forked process, as a text; None if it does not return."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        threading.Timer(20, os._exit, [1]).start()
        try:
            result = str(work())
        except Exception as error:  # noqa: BLE001 - it is told
            result = f"{type(error).__name__}: {error}"
        os.write(theirs, result.encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours, "rb") as answer:
        return answer.read().decode() or None


forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@forking
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("is_group", [False, True], ids=["alone", "group"])
def test_a_process_that_is_forked_during_work_does_its_own(*, is_group: bool) -> None:
    executor, begun, go = SerialExecutor(), threading.Event(), threading.Event()
    commits = GroupCommit(lambda items: [item * 2 for item in items], executor)

    async def work() -> object:
        return await (commits.submit(5) if is_group else executor.run(lambda: 10))

    def wait() -> None:
        begun.set()
        go.wait(20)

    async def main() -> object:
        first = asyncio.ensure_future(executor.run(wait))
        second = asyncio.ensure_future(work())
        await asyncio.sleep(0)
        begun.wait(20)
        found = in_child(lambda: asyncio.run(work()))
        go.set()
        await first
        return found, await second

    assert asyncio.run(main()) == ("10", 10)


@forking
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_a_forked_process_leaves_the_file_to_its_parent(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "hooks.db")

    async def add(key: str) -> bool:
        return await store.add(Delivery(key=key, body=b"{}", received_at=0.0))

    assert asyncio.run(add("a"))
    assert "is in use by another process" in str(in_child(lambda: asyncio.run(add("b"))))
    assert asyncio.run(add("b"))
    asyncio.run(store.aclose())
    assert in_child(lambda: asyncio.run(add("c"))) == "True"
