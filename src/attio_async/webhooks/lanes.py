"""In which order deliveries are handled: those that share a record one after the other, others side by side. Pure."""

from collections import deque
from collections.abc import Iterable

__all__ = ["Lanes"]

_MOST_TOGETHER = 100


class Lanes:
    """The keys of pending deliveries, each in one or more lanes.

    A key is ready when it is the first in all of its lanes. What was taken stays first until it is released.
    """

    def __init__(self) -> None:
        self._lanes_of: dict[str, frozenset[str]] = {}
        self._lanes: dict[str, deque[str]] = {}
        self._ready: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._lanes_of)

    def __contains__(self, key: object) -> bool:
        return key in self._lanes_of

    @property
    def has_ready(self) -> bool:
        """Whether `take` would give something."""
        return bool(self._ready)

    def put(self, key: str, lanes: Iterable[str]) -> None:
        """Line up a key at the end of its lanes; one without lanes gets its own, one lined up already stays."""
        if key in self._lanes_of:
            return
        mine = self._lanes_of[key] = frozenset(lanes) or frozenset({key})
        for lane in mine:
            self._lanes.setdefault(lane, deque()).append(key)
        if self._is_first(key):
            self._ready.append(key)

    def take(self) -> list[str]:
        """A ready key, and those right behind it in the same lane and no other; empty when none is ready."""
        if not self._ready:
            return []
        first = self._ready.popleft()
        mine = self._lanes_of[first]
        if len(mine) != 1:
            return [first]
        taken: list[str] = []
        for key in self._lanes[next(iter(mine))]:
            if self._lanes_of[key] != mine or len(taken) == _MOST_TOGETHER:
                break
            taken.append(key)
        return taken

    def release(self, taken: Iterable[str], finished: Iterable[str]) -> None:
        """Give back what was taken: the finished leave their lanes, and whatever is first then is ready."""
        lanes = {lane for key in taken for lane in self._lanes_of[key]}
        for key in finished:
            self._leave(key)
        for key in {self._lanes[lane][0] for lane in lanes if lane in self._lanes}:
            if self._is_first(key):
                self._ready.append(key)

    def _leave(self, key: str) -> None:
        for lane in self._lanes_of.pop(key):
            line = self._lanes[lane]
            line.remove(key)
            if not line:
                del self._lanes[lane]

    def _is_first(self, key: str) -> bool:
        return all(self._lanes[lane][0] == key for lane in self._lanes_of[key])
