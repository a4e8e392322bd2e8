"""Work that ends once it has begun: blocking calls in threads, and steps that no cancellation cuts in two.

The shields of anyio hold against cancel scopes. They do not hold against ``task.cancel()`` of asyncio, which is what
``asyncio.timeout``, ``asyncio.TaskGroup``, servers and Ctrl-C use: the caller goes on while its thread still works.
Here a cancelled caller waits until the work is done and gets its result, since a result that is thrown away is lost. The
cancellation follows at the caller's next suspension, as on trio.
"""

import asyncio
import math
import os
import sys
import weakref
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar, cast

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

T = TypeVar("T")

_MAX_THREADS = 64

_CallSoon = Callable[[Callable[[], object]], object]

_postponed: weakref.WeakSet["asyncio.Task[Any]"] = weakref.WeakSet()
"""Tasks whose cancellation is to follow at their next suspension."""


async def run_blocking(work: Callable[[], T]) -> T:
    """Run `work` in a thread, and return what it returns once it has ended, whatever cancels the caller meanwhile.

    A caller that is cancelled already begins nothing.
    """
    await raise_if_cancelled()
    return await outcome(start_thread(work))


async def finish(step: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run an asynchronous step to its end, whatever cancels the caller before or meanwhile.

    For clean-up and for what must not be done by half. The step runs in a task of its own on asyncio, so it must not
    release what the caller's task holds.
    """
    if asyncio_task() is None:
        with anyio.CancelScope(shield=True):
            return await step()
    begun = False

    async def run() -> T:
        nonlocal begun
        begun = True
        return await step()

    while True:
        task = asyncio.create_task(run())
        await _wait(lambda: asyncio.wait([task]), task.done)  # noqa: B023 - awaited here
        if begun:  # a loop that ends cancels every task, also one that is about to begin
            return task.result()


async def outcome(future: "Future[T]") -> T:
    """Return the result of work in a thread once it has ended, whatever cancels the caller meanwhile."""
    ended = anyio.Event()
    call_soon = running_loop()

    def wake(_: object) -> None:
        with suppress(RuntimeError):  # the loop is closed
            call_soon(ended.set)

    future.add_done_callback(wake)
    await _wait(ended.wait, future.done)
    return future.result()


def start_thread(work: Callable[[], T]) -> "Future[T]":
    """Start work in a thread."""
    return _threads().submit(copy_context().run, work)


async def raise_if_cancelled() -> None:
    """Raise the cancellation of this task now, if there is one."""
    await checkpoint_if_cancelled()
    if asyncio_task() in _postponed:
        await asyncio.sleep(0)


def count_cancellations() -> int:
    """Return how often this task of asyncio was cancelled and has not handled it; 0 on trio."""
    task = asyncio_task()
    return 0 if task is None else task.cancelling()


def revoke_cancellations(before: int) -> None:
    """Take back cancellations of this task that came since there were `before`: they were handled."""
    task = asyncio_task()
    while task is not None and task.cancelling() > before:
        task.uncancel()


def repeat_lost_cancellation(before: int) -> None:
    """Cancel this task when it is suspended next, if it was cancelled since there were `before` and went on all the same.

    `asyncio.wait_for` of Python 3.11 loses a cancellation that comes with the result, and libraries call it:
    https://github.com/python/cpython/issues/86296
    """
    task = asyncio_task()
    if task is not None and task.cancelling() > before:
        _postpone(task, before, ())


@contextmanager
def native_cancellation() -> Generator[None]:
    """Let a cancellation of this task by asyncio pass through cancel scopes further out.

    Where one comes in the same turn of the loop as that of a scope inside, asyncio makes them one, and the scopes further
    out would take it for theirs.
    """
    before = count_cancellations()
    try:
        yield
    except asyncio.CancelledError:
        if count_cancellations() > before and anyio.current_effective_deadline() > -math.inf:
            raise asyncio.CancelledError from None
        raise


def cancellation_watch() -> Callable[[], bool]:
    """Return a function that tells whether this task of asyncio was cancelled since now. Never on trio."""
    task = asyncio_task()
    before = count_cancellations()
    return lambda: task is not None and task.cancelling() > before


def running_loop() -> _CallSoon:
    """Return a function that calls another in the event loop that runs now, from any thread."""
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return cast("_CallSoon", trio.lowlevel.current_trio_token().run_sync_soon)
    return asyncio.get_running_loop().call_soon_threadsafe


async def _wait(wait: Callable[[], Coroutine[Any, Any, object]], is_done: Callable[[], bool]) -> None:
    """Wait for what certainly ends. A cancellation by asyncio is repeated afterwards."""
    caller = asyncio_task()
    before = 0 if caller is None else caller.cancelling()
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not is_done():
            try:
                await wait()
            except asyncio.CancelledError as error:
                cancelled = error
                if caller is not None:
                    # One that a signal asked for while the task was running is counted before this begins.
                    before = min(before, max(caller.cancelling() - 1, 0))
    if caller is not None and cancelled is not None:
        _postpone(caller, before, cancelled.args)


def _postpone(task: "asyncio.Task[Any]", before: int, message: tuple[Any, ...]) -> None:
    """Cancel a task again when it is suspended next.

    Not at once: a block such as ``asyncio.timeout`` that ends before takes its cancellation with it, but would leave one
    that is set on the task to whatever the task does next.
    """

    def cancel() -> None:
        _postponed.discard(task)
        if task.cancelling() > before:
            task.uncancel()
            task.cancel(*message)

    _postponed.add(task)
    task.get_loop().call_soon(cancel)


def asyncio_task() -> "asyncio.Task[Any] | None":
    """Return the running task of asyncio; None on trio."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="attio-async")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # the threads are not in the child
