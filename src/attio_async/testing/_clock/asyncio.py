"""The driver for asyncio, and the choice between it and the one for trio.

A virtual clock may only jump when no task is left to run. A driver calls its `step` at exactly those moments, without
real waiting, and stops when `step` returns False because no task sleeps. It also blocks a task until it is woken.
"""

import asyncio
import weakref
from collections.abc import Callable, Sized

from .base import Driver, Step, Wake, in_trio

_QUIET_ROUNDS = 2
"""The second round has polled the selector after the last task ran, so that I/O in process is seen."""

_BLIND_ROUNDS = 64
"""For event loops that hide their queue: enough rounds that hardly any chain of callbacks is still running."""


def driver_for_running_loop(step: Step) -> Driver:
    """Return a driver for the running event loop, that of asyncio or of trio."""
    if not in_trio():
        return _AsyncioDriver(step)
    from .trio import TrioDriver  # noqa: PLC0415 - trio need not be installed

    return TrioDriver(step)


def ready_queue(loop: asyncio.AbstractEventLoop) -> Sized | None:
    """Return the queue of ready callbacks of an event loop; None if the loop does not show it."""
    queue = getattr(loop, "_ready", None)
    return queue if isinstance(queue, Sized) else None


class _AsyncioDriver:
    __slots__ = ("_loop", "_step", "_watch")

    def __init__(self, step: Step) -> None:
        self._loop = asyncio.get_running_loop()
        self._watch = _watches.get(self._loop) or _watches.setdefault(self._loop, _LoopWatch(self._loop))
        self._step = step

    def kick(self) -> None:
        self._watch.add(self._step)

    def is_here(self) -> bool:
        return not in_trio() and asyncio.get_running_loop() is self._loop

    def is_open(self) -> bool:
        return not self._loop.is_closed()

    async def park(self, receive: Callable[[Wake], None]) -> None:
        future: asyncio.Future[None] = self._loop.create_future()

        def wake() -> None:
            if not future.done():
                future.set_result(None)

        receive(wake)
        await future


class _LoopWatch:
    """The watch of all drivers of a loop: two of them would mistake each other's callbacks for work."""

    __slots__ = ("_needed", "_quiet", "_ready", "_steps")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ready = ready_queue(loop)
        self._needed = _BLIND_ROUNDS if self._ready is None else _QUIET_ROUNDS
        self._quiet = 0
        self._steps: dict[Step, None] = {}

    def add(self, step: Step) -> None:
        self._quiet = 0
        watching = bool(self._steps)
        self._steps[step] = None
        if not watching:
            asyncio.get_running_loop().call_soon(self._check)

    def _check(self) -> None:
        # The handle of this callback is not in the queue any more: what is in it is other work.
        self._quiet = 0 if self._ready else self._quiet + 1
        if self._quiet >= self._needed:
            self._quiet = 0
            self._steps = {step: None for step in self._steps if step()}
        if self._steps:
            asyncio.get_running_loop().call_soon(self._check)


_watches: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _LoopWatch] = weakref.WeakKeyDictionary()
