"""Things fetched once and kept for a while.

However many tasks ask for the same thing at the same time, one of them fetches it and the others wait for it.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import anyio
import attrs

from .._core.clock import Clock

__all__ = ["Cache", "Entries", "Key"]

T = TypeVar("T")

Key = tuple[str, ...]
"""What a thing is called: a kind, then what tells it from others of its kind."""


@attrs.define
class _Entry:
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)
    value: Any = None
    since: float = -math.inf


Entries = dict[Key, _Entry]


class Cache:
    """Values by key, each fresh for `ttl` seconds. What fails to be fetched is not kept."""

    def __init__(self, clock: Clock, ttl: float, entries: Entries) -> None:
        self._clock = clock
        self._ttl = ttl
        self._entries = entries

    async def get(self, key: Key, fetch: Callable[[], Awaitable[T]]) -> T:
        """The value, fetched unless it is fresh."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries.setdefault(key, _Entry())
        elif self._is_fresh(entry):  # which is all that most calls do
            return cast("T", entry.value)
        async with entry.lock:
            if not self._is_fresh(entry):
                entry.value = await fetch()
                entry.since = self._clock.monotonic()
            return cast("T", entry.value)

    def peek(self, key: Key) -> Any:
        """The value if it is at hand and fresh, else None."""
        entry = self._entries.get(key)
        return entry.value if entry is not None and self._is_fresh(entry) else None

    def put(self, key: Key, value: object) -> None:
        """Keep a value that was come by otherwise."""
        entry = self._entries.setdefault(key, _Entry())
        entry.value, entry.since = value, self._clock.monotonic()

    def replace(self, key: Key, value: object) -> None:
        """Keep this instead of what was fetched, for as long as that would have been kept."""
        self._entries.setdefault(key, _Entry()).value = value

    def age(self, key: Key) -> float:
        """Seconds since the value was fetched; infinite when it never was."""
        entry = self._entries.get(key)
        return self._clock.monotonic() - entry.since if entry is not None else math.inf

    def forget(self, *prefix: str) -> None:
        """Fetch again, when next asked for, whatever has a key that begins so."""
        for key, entry in self._entries.items():
            if key[: len(prefix)] == prefix:
                entry.since = -math.inf

    def _is_fresh(self, entry: _Entry) -> bool:
        return self._clock.monotonic() - entry.since < self._ttl
