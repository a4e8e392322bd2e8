"""Blocking work in threads: one call at a time, or several committed together.

A thread that works takes one piece of work after the other, and no task leads it. So whatever is cancelled, even all
tasks of an event loop that ends, what was asked for is done, and nobody waits for work that no one does.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from typing import Any, Generic, TypeVar

from .._utils.shield import outcome, raise_if_cancelled, start_thread

Item = TypeVar("Item")
T = TypeVar("T")


class SerialExecutor:
    """Runs functions in worker threads, one at a time and in their order.

    A function that was asked for runs to its end, and the next one does not begin before. A caller that is cancelled
    meanwhile waits for that, gets the result, and is cancelled then. A forked process begins anew: the thread, and what
    was asked for, are its parent's.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._queue: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._is_working = False

    async def run(self, function: Callable[[], T]) -> T:
        """Return what the function returns. A caller that is cancelled already begins nothing."""
        await raise_if_cancelled()
        return await outcome(self.start(function))

    async def finish(self, function: Callable[[], T]) -> T:
        """Return what the function returns, which is called even if the caller is cancelled. For clean-up."""
        return await outcome(self.start(function))

    def start(self, function: Callable[[], T]) -> "Future[T]":
        """Ask for a call of the function, after those that were asked for before."""
        future: Future[T] = Future()
        if self._process != os.getpid():
            self._begin()
        with self._guard:
            if not self._is_working:
                start_thread(self._work)  # it waits for the guard
                self._is_working = True
            self._queue.append((future, partial(copy_context().run, function)))
        return future

    def _work(self) -> None:
        while True:
            with self._guard:
                if not self._queue:
                    self._is_working = False
                    return
                future, function = self._queue.popleft()
            _settle(future, function)
            del future, function


def _settle(future: "Future[T]", function: Callable[[], T]) -> None:
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - raised where the result is waited for
        future.set_exception(error)
    else:
        future.set_result(result)


class _Batch(Generic[Item]):
    """Items that are committed together, and what came of them."""

    __slots__ = ("items", "results")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.results: Future[Sequence[Any]]


class GroupCommit(Generic[Item]):
    """Commits together what several tasks ask for at the same time.

    Args:
        commit: Takes the items in their order and returns a result for each. What it raises, every one of their callers
            gets.
        executor: Runs it.
    """

    def __init__(self, commit: Callable[[Sequence[Item]], Sequence[Any]], executor: SerialExecutor) -> None:
        self._commit = commit
        self._executor = executor
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._next: _Batch[Item] | None = None
        self._guard = threading.Lock()

    async def submit(self, item: Item) -> Any:
        """Commit the item in the next batch and return its result. A caller that is cancelled already submits nothing."""
        await raise_if_cancelled()
        if self._process != os.getpid():
            self._begin()
        with self._guard:
            batch = self._next
            if batch is None:
                batch = _Batch[Item]()
                batch.results = self._executor.start(partial(self._run, batch))
                self._next = batch
            place = len(batch.items)
            batch.items.append(item)
        return (await outcome(batch.results))[place]

    def _run(self, batch: _Batch[Item]) -> Sequence[Any]:
        with self._guard:
            self._next = None  # later items wait for the next batch
        return self._commit(batch.items)
