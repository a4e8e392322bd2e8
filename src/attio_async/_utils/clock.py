"""Time as the rest of the package sees it: injected, never read from the system directly."""

import time
from typing import Protocol

import anyio


class Clock(Protocol):
    """What tells the time and waits. Tests pass one that waits in virtual time."""

    def monotonic(self) -> float:
        """Seconds that never go backwards, from an arbitrary start."""
        ...

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long; can be cancelled."""
        ...


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    def monotonic(self) -> float:
        return time.monotonic()

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    def __repr__(self) -> str:
        return "SystemClock()"
