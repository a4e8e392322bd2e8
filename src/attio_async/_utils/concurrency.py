"""Concurrent calls whose exceptions are not wrapped in groups."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar, cast

import anyio

from .clock import Clock

S = TypeVar("S")
T = TypeVar("T")


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
