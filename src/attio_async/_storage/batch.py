"""Many tasks, one connection to a database: one thread, and one transaction for all who wait."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import checkpoint_if_cancelled

C = TypeVar("C")
T = TypeVar("T")


class Work(Generic[C, T]):
    """One thing to do with the connection, and what came of it."""

    __slots__ = ("_action", "_error", "_result")

    def __init__(self, action: Callable[[C], T]) -> None:
        self._action = action
        self._result: list[T] = []
        self._error: Exception | None = None

    def run(self, connection: C) -> None:
        """Do it; the result counts once the transaction is kept."""
        self._result = [self._action(connection)]

    def fail(self, error: Exception) -> None:
        """Have whoever waits told that nothing was kept."""
        self._error = error

    @property
    def result(self) -> T:
        """What came of it, once it is done."""
        if self._error is not None:
            raise self._error
        return self._result[0]


class _Batch(Generic[C]):
    """What is done together, next."""

    __slots__ = ("is_done", "works")

    def __init__(self) -> None:
        self.works: list[Work[C, Any]] = []
        self.is_done = anyio.Event()


class Batched(ABC, Generic[C]):
    """A connection that is used in one thread at a time, by one task for all who wait."""

    def __init__(self) -> None:
        self._next: _Batch[C] | None = None
        self._turn = anyio.Lock()
        self._one_thread = anyio.CapacityLimiter(1)

    async def do(self, action: Callable[[C], T]) -> T:
        """What `action` returns, once it is durable. Who comes first does the work of all who wait."""
        await checkpoint_if_cancelled()
        work = Work(action)
        if self._next is not None:
            batch = self._next
            batch.works.append(work)
            await batch.is_done.wait()
            return work.result
        self._next = batch = _Batch[C]()
        batch.works.append(work)
        with anyio.CancelScope(shield=True):  # others wait for it too
            async with self._turn:
                self._next = None
                try:
                    await anyio.to_thread.run_sync(self._transaction, batch.works, limiter=self._one_thread)
                finally:
                    batch.is_done.set()
        return work.result

    async def aclose(self) -> None:
        """Close the connection, after what is under way; the next use opens it again."""
        with anyio.CancelScope(shield=True):
            async with self._turn:
                await anyio.to_thread.run_sync(self._close, limiter=self._one_thread)

    @abstractmethod
    def _transaction(self, batch: Sequence[Work[C, Any]]) -> None:
        """Do all of it in one transaction, and have each know what came of it; runs in a thread."""

    @abstractmethod
    def _close(self) -> None: ...
