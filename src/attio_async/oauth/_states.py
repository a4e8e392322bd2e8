"""The states of connections that are under way, so that only the browser that started one can finish it."""

from typing import Protocol

import attrs

from .._utils.checks import check_at_least
from .._utils.public import public


@public
@attrs.frozen(kw_only=True)
class PendingState:
    """The session that a state was made for, as a digest, and the Unix time at which it expires."""

    owner: bytes
    expires_at: float


@public
class StateStore(Protocol):
    """Keeps the states of pending connections. Several processes need a store that they share."""

    async def add(self, state: str, pending: PendingState) -> None:
        """Store a state."""
        ...

    async def take(self, state: str) -> PendingState | None:
        """Remove a state and return it. Of two concurrent calls only one gets it, the other None."""
        ...


@public
class MemoryStates(StateStore):
    """A `StateStore` in this process.

    Args:
        max_pending: The number of states to keep; beyond it the oldest are forgotten.
    """

    def __init__(self, *, max_pending: int = 10_000) -> None:
        check_at_least(1, max_pending=max_pending)
        self._max_pending = max_pending
        self._states: dict[str, PendingState] = {}

    async def add(self, state: str, pending: PendingState) -> None:
        self._states[state] = pending
        while len(self._states) > self._max_pending:
            del self._states[next(iter(self._states))]

    async def take(self, state: str) -> PendingState | None:
        return self._states.pop(state, None)
