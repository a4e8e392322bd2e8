"""Many at once, reported in order: bounded workers, bounded memory."""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import Generic, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from .._core.concurrent import sole

__all__ = ["iterate", "run_in_order"]

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4
"""How many rows per worker may wait for an earlier one, finished or not."""


class _InOrder(Generic[R]):
    """Delivers results in the order of their numbers, and makes room as it does."""

    def __init__(self, deliver: Callable[[R], None], room: anyio.Semaphore) -> None:
        self._deliver = deliver
        self._room = room
        self._waiting: dict[int, R] = {}
        self._next = 0

    def add(self, number: int, result: R) -> None:
        self._waiting[number] = result
        while self._next in self._waiting:
            self._deliver(self._waiting.pop(self._next))
            self._next += 1
            self._room.release()


async def run_in_order(
    items: AsyncIterable[T],
    work: Callable[[int, T], Awaitable[R]],
    deliver: Callable[[R], None],
    *,
    workers: int,
) -> None:
    """Do `work` on every item, `workers` at a time, and `deliver` the results in the items' order.

    An item is only read when there is room for it, so memory stays flat however long the first one takes.
    """
    room = anyio.Semaphore(workers * _AHEAD)
    ordered = _InOrder(deliver, room)
    send, receive = anyio.create_memory_object_stream[tuple[int, T]]()

    async def worker(tasks: MemoryObjectReceiveStream[tuple[int, T]]) -> None:
        async with tasks:
            async for number, item in tasks:
                ordered.add(number, await work(number, item))

    try:
        async with anyio.create_task_group() as group:
            for _ in range(workers):
                group.start_soon(worker, receive.clone())
            receive.close()
            async with send:
                number = 0
                await room.acquire()
                async for item in items:
                    await send.send((number, item))
                    number += 1
                    await room.acquire()
    except BaseExceptionGroup as errors:
        raise sole(errors) from None


async def iterate(rows: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T]:
    """The rows of either kind of iterable."""
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
