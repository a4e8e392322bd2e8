"""The order in which outcomes are delivered."""

from collections import deque
from collections.abc import Callable

import anyio

from .report import Outcome


class OutcomeQueue:
    """Delivers outcomes in the order of their rows, and limits the rows that wait for it.

    Args:
        deliver: Takes each outcome.
        room: The number of rows that may be announced and not delivered yet.
        in_order: False delivers each outcome at once, for a job that other workers share.
    """

    def __init__(self, deliver: Callable[[Outcome], None], *, room: int, in_order: bool) -> None:
        self._deliver = deliver
        self._in_order = in_order
        self._room = anyio.Semaphore(room)
        self._expected: deque[tuple[int, bool]] = deque()  # with whether the row takes room
        self._ended: dict[int, Outcome | None] = {}

    async def announce(self, index: int) -> None:
        """Add a row to the order, once there is room."""
        if self._in_order:
            await self._room.acquire()
            self._expected.append((index, True))

    def insert(self, index: int) -> None:
        """Add a row of an earlier run to the order; it takes no room."""
        if self._in_order:
            self._expected.append((index, False))

    def end(self, index: int, outcome: Outcome | None) -> None:
        """Deliver the outcome of a row when it is its turn; without an outcome the row only makes room."""
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
        """Deliver the outcomes that wait for rows that will not end any more."""
        waiting, self._ended = sorted(self._ended.items()), {}
        for _, outcome in waiting:
            if outcome is not None:
                self._deliver(outcome)
