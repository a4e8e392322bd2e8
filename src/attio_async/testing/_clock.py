"""A clock whose time only passes when all tasks wait for it.

A virtual clock may only jump when no task is left to run. A driver calls its `step` at exactly those moments, without
real waiting, and stops when `step` returns False because no task sleeps. It also blocks a task until it is woken.
"""

import asyncio
import heapq
import itertools
import math
import sys
import weakref
from collections.abc import Callable, Sized
from typing import Protocol

import anyio
import anyio.lowlevel

from .._utils.public import public

Step = Callable[[], bool]
Wake = Callable[[], None]

_QUIET_ROUNDS = 2
"""The second round has polled the selector after the last task ran, so that I/O in process is seen."""

_BLIND_ROUNDS = 64
"""For event loops that hide their queue: enough rounds that hardly any chain of callbacks is still running."""

_DEFAULT_START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
_MIN_SWEEP = 256


class Driver(Protocol):
    """Calls a step function whenever the event loop has nothing else to do."""

    def kick(self) -> None:
        """Start watching the event loop, unless it is already watched."""
        ...

    def is_here(self) -> bool:
        """Return True if the running event loop is the driver's own."""
        ...

    def is_open(self) -> bool:
        """Return True if the driver's event loop may still run."""
        ...

    async def park(self, receive: Callable[[Wake], None]) -> None:
        """Block the calling task until the function is called that `receive` is given."""
        ...


def in_trio() -> bool:
    """Return True if the caller runs in a trio task. Never imports trio."""
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_task())


def driver_for_running_loop(step: Step) -> Driver:
    """Return a driver for the running event loop, that of asyncio or of trio."""
    if not in_trio():
        return _AsyncioDriver(step)
    from ._clock_trio import TrioDriver  # noqa: PLC0415 - trio need not be installed

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


class _Sleeper:
    __slots__ = ("cancelled", "deadline", "number", "wake")

    def __init__(self, deadline: float, number: int) -> None:
        self.deadline = deadline
        self.number = number
        self.cancelled = False
        self.wake: Wake = _do_nothing

    def receive(self, wake: Wake) -> None:
        self.wake = wake

    def __lt__(self, other: "_Sleeper") -> bool:
        return (self.deadline, self.number) < (other.deadline, other.number)


@public
class VirtualClock:
    """A clock for tests: an hour of sleep takes microseconds, on asyncio and on trio.

    Time stands still while any task can run. Once all of them are blocked, it jumps to the earliest deadline of a
    sleeping task. Tasks with the same deadline wake together, on asyncio in the order in which they went to sleep
    (trio shuffles tasks that become ready at once).

    Only sleeping on this clock counts as waiting for time. A task that waits for a thread, another process or a real
    timer looks blocked, and time passes without it: use transports in the same event loop. One clock serves one event
    loop at a time.

    Args:
        start: The Unix time, in seconds, at which the clock starts. Its monotonic time starts at 0.
    """

    __slots__ = ("_cancelled", "_driver", "_now", "_numbers", "_sleepers", "_start")

    def __init__(self, *, start: float = _DEFAULT_START) -> None:
        self._start = start
        self._now = 0.0
        self._numbers = itertools.count()
        self._sleepers: list[_Sleeper] = []
        self._cancelled = 0
        self._driver: Driver | None = None

    def __repr__(self) -> str:
        return f"VirtualClock(now={self._now!r}, sleepers={self.sleepers})"

    @property
    def sleepers(self) -> int:
        """The number of tasks that sleep on this clock now."""
        return len(self._sleepers) - self._cancelled

    def monotonic(self) -> float:
        """Return the virtual seconds since the clock was created."""
        return self._now

    def time(self) -> float:
        """Return the virtual Unix time in seconds."""
        return self._start + self._now

    def advance(self, seconds: float) -> None:
        """Let time pass at once, and wake the tasks whose deadline has passed.

        Raises:
            ValueError: `seconds` is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"seconds must be finite and at least 0, not {seconds!r}")
        self._wake_until(self._now + seconds)

    async def sleep(self, seconds: float) -> None:
        """Sleep for that much virtual time; always a checkpoint.

        Raises:
            RuntimeError: Tasks of another open event loop sleep on this clock.
        """
        if not seconds > 0:
            await anyio.lowlevel.checkpoint()
            return
        if math.isinf(seconds):
            await anyio.sleep_forever()
        driver = self._driver_here()
        sleeper = _Sleeper(self._now + seconds, next(self._numbers))
        heapq.heappush(self._sleepers, sleeper)
        driver.kick()
        try:
            await driver.park(sleeper.receive)
        except BaseException:
            self._forget(sleeper)
            raise

    def _driver_here(self) -> Driver:
        driver = self._driver
        if driver is not None and driver.is_here():
            return driver
        if driver is not None and self.sleepers and driver.is_open():
            raise RuntimeError("this VirtualClock is in use by another event loop; give each loop its own")
        self._sleepers.clear()
        self._cancelled = 0
        self._driver = driver_for_running_loop(self._jump)
        return self._driver

    def _jump(self) -> bool:
        """Jump to the earliest deadline and wake its tasks; return False if no task sleeps."""
        while self._sleepers and self._sleepers[0].cancelled:
            heapq.heappop(self._sleepers)
            self._cancelled -= 1
        if not self._sleepers:
            return False
        self._wake_until(self._sleepers[0].deadline)
        return True

    def _wake_until(self, moment: float) -> None:
        self._now = max(self._now, moment)
        while self._sleepers and self._sleepers[0].deadline <= self._now:
            sleeper = heapq.heappop(self._sleepers)
            if sleeper.cancelled:
                self._cancelled -= 1
            else:
                sleeper.wake()
                sleeper.wake = _do_nothing

    def _forget(self, sleeper: _Sleeper) -> None:
        if sleeper.wake is _do_nothing:
            return  # woken and cancelled in the same turn: it is not in the heap any more
        sleeper.cancelled = True
        self._cancelled += 1
        if self._cancelled > max(_MIN_SWEEP, len(self._sleepers) // 2):
            self._sleepers = [other for other in self._sleepers if not other.cancelled]
            heapq.heapify(self._sleepers)
            self._cancelled = 0


def _do_nothing() -> None:
    """Do nothing: for a sleeper that has been woken, or is not asleep yet."""
