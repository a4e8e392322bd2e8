"""The clock of the package: it is passed in, and no other module reads the time or sleeps."""

import time
from typing import Protocol

import anyio

from .public import public


@public
class Clock(Protocol):
    """A source of time. Tests pass one that sleeps in virtual time."""

    def monotonic(self) -> float:
        """Return seconds that never go backwards, from an arbitrary start."""
        ...

    def time(self) -> float:
        """Return the seconds since 1970-01-01 UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; can be cancelled."""
        ...


@public
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
