"""Pages fetched ahead of their use, in bounded memory."""

from collections.abc import Awaitable, Callable
from typing import Generic, Self, TypeVar

import anyio
from anyio.abc import TaskGroup

R = TypeVar("R")


class Prefetcher(Generic[R]):
    """Calls `fetch` for 0, 1, 2, ... ahead of `next`, which returns the results in that order, or as they arrive.

    An async context manager, whose end cancels calls still running. An error is raised where its result would have been
    returned.

    Args:
        fetch: Returns the result for a number.
        is_last: Returns True if nothing comes after a result, as far as the result tells.
        ahead: How many results may be on their way or waiting.
        max_concurrent: How many of them may be on their way; 1 if each depends on the one before.
        in_order: False to return results as they arrive.
    """

    def __init__(
        self,
        fetch: Callable[[int], Awaitable[R]],
        is_last: Callable[[R], bool],
        *,
        ahead: int,
        max_concurrent: int,
        in_order: bool = True,
    ) -> None:
        self._fetch = fetch
        self._in_order = in_order
        self._is_last = is_last
        self._max_concurrent = max_concurrent
        self._room = anyio.Semaphore(ahead)
        self._outcomes: dict[int, R | Exception] = {}
        self._arrived = anyio.Event()
        self._started = 0
        self._delivered = 0
        self._ended = False
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        for _ in range(self._max_concurrent):
            self._group.start_soon(self._work)
        return self

    async def aclose(self) -> None:
        """Cancel the calls still running, and wait for their end."""
        if self._group is not None:
            group, self._group = self._group, None
            group.cancel_scope.cancel()
            await group.__aexit__(None, None, None)
        self._outcomes.clear()

    async def next(self) -> R:
        """Return the next result, as soon as it is there."""
        while (number := self._next_number()) not in self._outcomes:
            self._arrived = anyio.Event()
            await self._arrived.wait()
        outcome = self._outcomes.pop(number)
        self._delivered += 1
        self._room.release()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _next_number(self) -> int:
        return self._delivered if self._in_order else next(iter(self._outcomes), -1)

    async def _work(self) -> None:
        while True:
            await self._room.acquire()
            if self._ended:
                return
            await self._fetch_next()

    async def _fetch_next(self) -> None:
        """Fetch one result. In a loop, each worker would hold its last result until it has the next one."""
        number = self._started
        self._started += 1
        try:
            outcome: R | Exception = await self._fetch(number)
        except Exception as error:  # noqa: BLE001 - raised where its result is waited for
            outcome = error
        if isinstance(outcome, Exception) or self._is_last(outcome):
            self._ended = True
        self._outcomes[number] = outcome
        self._arrived.set()
