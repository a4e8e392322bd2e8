"""Blocking work in threads: one call at a time, or several committed together."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from .._utils.blocking import finish, run_blocking

Item = TypeVar("Item")
T = TypeVar("T")


class Executor(Protocol):
    """Runs blocking functions."""

    async def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns."""
        ...


class InlineExecutor:
    """Runs functions at once, for work that is too short for a thread."""

    async def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns."""
        return function()


class SerialExecutor:
    """Runs functions in worker threads, one at a time and in their order.

    A function that was begun runs to its end, and the next one does not begin before. A caller that is cancelled
    meanwhile waits for that; one that is cancelled while it waits for its turn leaves nothing behind.
    """

    def __init__(self) -> None:
        self._turn = anyio.Lock()

    async def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns."""
        async with self._turn:
            return await run_blocking(function)


class _Batch(Generic[Item]):
    """Items that are committed together, and what came of them."""

    __slots__ = ("error", "is_done", "items", "results")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.results: Sequence[Any] = ()
        self.error: Exception | None = None
        self.is_done = anyio.Event()


class GroupCommit(Generic[Item]):
    """Commits together what several tasks ask for at the same time.

    Args:
        commit: Takes the items in their order and returns a result for each. What it raises, every one of their callers
            gets.
        executor: Runs it.
    """

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Any]], executor: Executor) -> None:
        self._commit = commit
        self._executor = executor
        self._next: _Batch[Item] | None = None
        self._guard = threading.Lock()

    async def submit(self, item: Item) -> Any:
        """Commit the item in the next batch and return its result. The first caller of a batch commits all of it."""
        await checkpoint_if_cancelled()
        with self._guard:
            leads = self._next is None
            batch = self._next = self._next or _Batch()
            place = len(batch.items)
            batch.items.append(item)
        if leads:  # it commits even if it is cancelled, since the others wait for it too
            await finish(lambda: self._lead(batch))
        else:
            await batch.is_done.wait()
        if batch.error is not None:
            raise batch.error
        return batch.results[place]

    async def _lead(self, batch: _Batch[Item]) -> None:
        try:
            await self._executor.run(partial(self._run, batch))
        finally:
            batch.is_done.set()

    def _run(self, batch: _Batch[Item]) -> None:
        with self._guard:
            self._next = None  # later items wait for the next batch
        try:
            batch.results = self._commit(batch.items)
        except Exception as error:  # noqa: BLE001 - raised in the task of every caller
            batch.error = error
