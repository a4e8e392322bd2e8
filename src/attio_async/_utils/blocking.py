"""Work that ends once it has begun: blocking calls in threads, and steps that no cancellation cuts in two.

The shields of anyio hold against cancel scopes. They do not hold against ``task.cancel()`` of asyncio, which is what
``asyncio.timeout``, ``asyncio.TaskGroup``, servers and Ctrl-C use: the caller goes on while its thread still works.
Here a cancelled caller waits until the work is done, and is cancelled then.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")

_MAX_THREADS = 64


async def run_blocking(work: Callable[[], T]) -> T:
    """Run `work` in a thread, and return what it returns once it has ended, whatever cancels the caller meanwhile.

    A caller that was cancelled by asyncio is cancelled when the work has ended, and its result is dropped.
    """
    loop = _asyncio_loop()
    if loop is None:
        return await anyio.to_thread.run_sync(work)
    return await _ended(loop.run_in_executor(_threads(), copy_context().run, work))


async def finish(step: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run an asynchronous step to its end, whatever cancels the caller meanwhile.

    For clean-up and for what must not be done by half. The step runs in a task of its own on asyncio, so it must not
    release what the caller's task holds.
    """
    if _asyncio_loop() is None:
        with anyio.CancelScope(shield=True):
            return await step()
    return await _ended(asyncio.create_task(step()))


async def _ended(future: "asyncio.Future[T]") -> T:
    """Wait until the future is done; be cancelled only then."""
    cancelled: asyncio.CancelledError | None = None
    with anyio.CancelScope(shield=True):
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError as error:
                cancelled = error
    if cancelled is not None:
        if not future.cancelled():
            future.exception()  # it is not reported as lost: the caller was cancelled first
        raise cancelled
    return future.result()


def _asyncio_loop() -> asyncio.AbstractEventLoop | None:
    """Return the running loop of asyncio; None on trio."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="attio-async")
