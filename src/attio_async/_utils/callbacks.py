"""Callbacks of the caller: which may be async, and awaiting them in order."""

import inspect
from collections import deque
from collections.abc import Awaitable

import anyio

from ..errors import ConfigurationError


def is_async(function: object) -> bool:
    """Return True if calling it certainly gives something to await."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        inspect.getattr_static(type(function), "__call__", None)
    )


def check_sync(function: object, name: str) -> None:
    """Reject a callback that would never run, since its result is not awaited.

    Raises:
        ConfigurationError: It is async.
    """
    if is_async(function):
        raise ConfigurationError(
            f"{name} is called without await, so it must be a plain function, not an async one"
        )


def check_async(function: object, name: str, example: str) -> None:
    """Reject a callback that is awaited and is a plain function, or cannot be called.

    Raises:
        ConfigurationError: It is not async.
    """
    if not callable(function) or (inspect.isfunction(function) and not is_async(function)):
        raise ConfigurationError(f"{name} must be an async function, such as {example}")


class PendingCallbacks:
    """The results of callbacks that are to be awaited, in the order of the calls."""

    def __init__(self) -> None:
        self._pending = deque[Awaitable[object]]()
        self._lock = anyio.Lock()

    def add(self, result: object) -> None:
        """Add the result of a callback; it is awaited later if it can be."""
        if inspect.isawaitable(result):
            self._pending.append(result)

    async def settle(self) -> None:
        """Await all results so far."""
        if not self._pending:
            return
        async with self._lock:
            while self._pending:
                await self._pending.popleft()

    def discard(self) -> None:
        """Forget the results that nobody will await, after a failure or cancellation."""
        while self._pending:
            pending = self._pending.popleft()
            if inspect.iscoroutine(pending):
                pending.close()
