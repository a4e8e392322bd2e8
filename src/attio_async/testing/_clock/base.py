"""The part of an event loop that a virtual clock needs."""

import sys
from collections.abc import Callable
from typing import Protocol

Step = Callable[[], bool]
Wake = Callable[[], None]


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
