"""Outcomes, given out in the order of their rows."""

from collections import deque
from collections.abc import Callable

import anyio

from .report import Outcome

__all__ = ["Delivery"]


class Delivery:
    """Gives outcomes out in the order in which their rows were announced, and makes room as it does.

    Args:
        deliver: Takes each outcome.
        room: How many rows may be announced and not given out yet.
        in_order: False gives each out when it comes, for a job of which others do a part.
    """

    def __init__(self, deliver: Callable[[Outcome], None], *, room: int, in_order: bool) -> None:
        self._deliver = deliver
        self._in_order = in_order
        self._room = anyio.Semaphore(room)
        self._expected: deque[tuple[int, bool]] = deque()  # with whether it takes room
        self._ended: dict[int, Outcome | None] = {}

    async def announce(self, index: int) -> None:
        """Make a place for a row, once there is room."""
        if self._in_order:
            await self._room.acquire()
            self._expected.append((index, True))

    def insert(self, index: int) -> None:
        """Make a place for a row that was announced by an earlier run, whether there is room or not."""
        if self._in_order:
            self._expected.append((index, False))

    def end(self, index: int, outcome: Outcome | None) -> None:
        """A row ended; without an outcome it only makes room."""
        if not self._in_order:
            if outcome is not None:
                self._deliver(outcome)
            return
        self._ended[index] = outcome
        while self._expected and self._expected[0][0] in self._ended:
            first, takes_room = self._expected.popleft()
            ended = self._ended.pop(first)
            if takes_room:
                self._room.release()
            if ended is not None:
                self._deliver(ended)

    def flush(self) -> None:
        """Give out what waits for rows that will not end any more."""
        waiting, self._ended = sorted(self._ended.items()), {}
        for _, outcome in waiting:
            if outcome is not None:
                self._deliver(outcome)
