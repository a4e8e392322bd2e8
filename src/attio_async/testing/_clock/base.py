"""What a virtual clock needs of an event loop."""

import sys
from collections.abc import Callable
from typing import Protocol

Step = Callable[[], bool]


Wake = Callable[[], None]


class Driver(Protocol):
    """Something that calls a step function whenever the event loop has nothing else to do."""

    def kick(self) -> None:
        """Start watching, if it does not already."""
        ...

    def is_here(self) -> bool:
        """Whether the running event loop is the one this driver belongs to."""
        ...

    def is_open(self) -> bool:
        """Whether its event loop may still run."""
        ...

    async def park(self, receive: Callable[[Wake], None]) -> None:
        """Block the calling task until somebody calls what `receive` is given."""
        ...


def in_trio() -> bool:
    """Whether the caller runs in a trio task; never imports trio."""
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_task())
