"""What is kept between the way there and the way back, so that nobody else comes back."""

from typing import Protocol

import attrs


@attrs.frozen(kw_only=True)
class PendingState:
    """Who a state was made for, as a digest, and until when it holds, in Unix time."""

    owner: bytes
    expires_at: float


class StateStore(Protocol):
    """Where states are kept between the way there and the way back. Several processes need one that they share."""

    async def add(self, state: str, pending: PendingState) -> None:
        """Keep a state."""
        ...

    async def take(self, state: str) -> PendingState | None:
        """Remove a state and return it: of two that take it at once, one gets None."""
        ...


class MemoryStates:
    """Keeps states in this process.

    Args:
        most: How many may be pending; beyond that the oldest are forgotten.
    """

    def __init__(self, *, most: int = 10_000) -> None:
        self._most = most
        self._states: dict[str, PendingState] = {}

    async def add(self, state: str, pending: PendingState) -> None:
        """See `StateStore`."""
        self._states[state] = pending
        while len(self._states) > self._most:
            del self._states[next(iter(self._states))]

    async def take(self, state: str) -> PendingState | None:
        """See `StateStore`."""
        return self._states.pop(state, None)
