"""A last look before each request of a run: does the run still belong to this worker?"""

import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from .._pipeline.events import Send
from .._transport.messages import Request, Response

Check = Callable[[], Awaitable[None]]
"""Returns if the run belongs to this worker; otherwise it ends the run, and does not return."""

_check: ContextVar[Check | None] = ContextVar("attio_async_engine_check", default=None)


async def fence(request: Request, send: Send) -> Response:
    """Send a request unless its run belongs to another worker. The innermost middleware of an engine's clients.

    It comes after the wait for a permit: a process may be suspended there, and wake up when the run was taken over.
    """
    check = _check.get()
    if check is not None:
        await check()
    return await send(request)


@contextmanager
def fencing(check: Check) -> Generator[None]:
    """Check before each request that the block makes, also from tasks that it starts."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def awake_s() -> float:
    """Return seconds of a clock that goes on while the machine is suspended, where there is one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
