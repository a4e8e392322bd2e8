"""Concurrent calls whose exceptions are not wrapped in groups."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar, cast

import anyio
from anyio.abc import TaskGroup

from .clock import Clock

S = TypeVar("S")
T = TypeVar("T")


_TASK_CANCELLED = "a task was cancelled by what it waited for"
"""The argument of the `CancelledError` of a block whose task was. It tells it from others, since a scope of anyio takes one
that was raised while it cancels for its own. Not a type: `asyncio.TaskGroup` takes one that is derived for a failure."""


class TaskBlock:
    """Tasks of a block, see `task_group`."""

    def __init__(self, group: TaskGroup) -> None:
        self.cancel_scope: anyio.CancelScope = group.cancel_scope
        self.was_cancelled = False  # one of them, and not by the block
        self._group = group

    def start_soon(self, function: Callable[..., Awaitable[object]], *arguments: object) -> None:
        """Start a task."""
        self._group.start_soon(self._run, function, *arguments)

    async def _run(self, function: Callable[..., Awaitable[object]], *arguments: object) -> None:
        try:
            await function(*arguments)
        except asyncio.CancelledError as error:
            is_ours = self.cancel_scope.cancel_called or anyio.current_effective_deadline() == -math.inf
            if _is_of_block(error) or not is_ours:
                self.was_cancelled = True
            raise


@asynccontextmanager
async def task_group() -> AsyncGenerator[TaskBlock]:
    """Open a block of tasks that ends with the exception of the first that fails, as it is.

    A task of asyncio that was cancelled by what it waited for has failed, too. The groups of anyio take that for their own
    cancellation, and end as if all was done.
    """
    failure: BaseException | None = None
    tasks: TaskBlock | None = None
    try:
        async with anyio.create_task_group() as group:
            tasks = TaskBlock(group)
            try:
                yield tasks
            except asyncio.CancelledError as error:
                if _is_of_block(error):  # of one inside this one
                    tasks.was_cancelled = True
                raise
    except BaseExceptionGroup as errors:
        failure = sole(errors)
    if failure is None and tasks is not None and tasks.was_cancelled:
        failure = asyncio.CancelledError(_TASK_CANCELLED)
    if failure is not None:
        if isinstance(failure.__context__, anyio.get_cancelled_exc_class() | None):
            failure.__suppress_context__ = True  # it will be the cancellation of the block
        try:
            raise failure
        finally:
            del failure


def _is_of_block(error: asyncio.CancelledError) -> bool:
    """Return True for the cancellation of a block whose task was cancelled by what it waited for."""
    return error.args == (_TASK_CANCELLED,)


async def alongside(main: Callable[[], Awaitable[T]], side: Callable[[], Awaitable[S]]) -> tuple[T, S]:
    """Run both concurrently and return both results. If one fails, the other is cancelled and the error is raised."""
    mains: list[T] = []
    sides: list[S] = []

    async def run() -> None:
        sides.append(await side())

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            mains.append(await main())
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
    if not (mains and sides):  # the group took a cancellation by asyncio for that of a scope inside
        raise anyio.get_cancelled_exc_class()
    return mains[0], sides[0]


async def gather(items: Sequence[S], work: Callable[[S], Awaitable[T]], *, limit: int) -> list[T]:
    """Call `work` with each item, at most `limit` at once, and return the results in the order of the items."""
    results: dict[int, T] = {}
    waiting = iter(enumerate(items))

    async def run() -> None:
        for place, item in waiting:
            results[place] = await work(item)

    try:
        async with anyio.create_task_group() as group:
            for _ in range(min(limit, len(items))):
                group.start_soon(run)
    except BaseExceptionGroup as errors:
        raise sole(errors) from None
    if len(results) < len(items):  # the group took a cancellation by asyncio for that of a scope inside
        raise anyio.get_cancelled_exc_class()
    return [results[place] for place in range(len(items))]


async def within(seconds: float, clock: Clock, work: Callable[[], Awaitable[T]]) -> T | None:
    """Return the result of `work`; None if that takes longer, and then it is cancelled."""
    results: list[T] = []
    failure: BaseException | None = None

    async def keep_time() -> None:
        await clock.sleep(seconds)
        group.cancel_scope.cancel()

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(keep_time)
            results.append(await work())
            group.cancel_scope.cancel()
    except BaseExceptionGroup as errors:
        failure = sole(errors)
    if failure is not None:
        try:
            raise failure
        finally:
            del failure
    return results[0] if results else None


def sole(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return one exception of a group: what ends the program if there is such a one, else what was raised first."""
    leaves = _leaves(group)
    return next((error for error in leaves if not isinstance(error, Exception)), leaves[0])


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += (
            _leaves(cast("BaseExceptionGroup[BaseException]", error))
            if isinstance(error, BaseExceptionGroup)
            else [error]
        )
    return found


async def iterate(rows: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T]:
    """Yield the rows of either kind of iterable."""
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
