"""Where accepted deliveries are kept until their handlers have finished."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Protocol

import attrs

from ...errors import ConfigurationError


@attrs.frozen(kw_only=True)
class Delivery:
    """One message of Attio's, verified.

    Attributes:
        key: Its Idempotency-Key, or a key of its own where Attio sent none.
        body: The body as it arrived.
        received_at: Unix time in seconds.
        done: What of it is finished: the place of an event and the name of a handler, such as "0:app.on_update".
        attempts: How often a handler failed on it.
        reason: Why the last one failed; None when none did.
    """

    key: str
    body: bytes = attrs.field(repr=False)
    received_at: float
    done: frozenset[str] = frozenset()
    attempts: int = 0
    reason: str | None = None


class DeliveryStore(Protocol):
    """Keeps deliveries: pending until every handler finished, then only their keys, or else as dead letters.

    A store serves one receiver at a time. What `add` returned for is kept, whatever happens then.
    """

    async def add(self, delivery: Delivery) -> bool:
        """Keep a delivery; False when its key is known, pending, finished or dead, and then nothing changes."""
        ...

    async def pending(self) -> Sequence[str]:
        """The keys of what is pending, in the order of arrival."""
        ...

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """Those of the deliveries that are pending, in the order of the keys."""
        ...

    async def save(self, delivery: Delivery) -> None:
        """Keep the progress of a pending delivery: `done`, `attempts` and `reason`."""
        ...

    async def finish(self, keys: Sequence[str]) -> None:
        """Keep only the keys of these, so that they are recognised when they come again."""
        ...

    async def bury(self, delivery: Delivery) -> None:
        """Keep a delivery, known or not, as a dead letter."""
        ...

    async def dead_letters(self) -> Sequence[Delivery]:
        """What was given up, in the order of arrival."""
        ...

    async def revive(self, key: str) -> Delivery | None:
        """Make a dead letter pending again, with its attempts forgotten; None when there is no such dead letter."""
        ...

    async def aclose(self) -> None:
        """Let go of files and connections. Using the store again opens them again."""
        ...


class MemoryStore:
    """Keeps deliveries as long as the process lives: for tests, and for handlers that may miss something.

    Args:
        remember: How many finished deliveries are recognised when they come again; the oldest are forgotten first.
    """

    def __init__(self, *, remember: int = 100_000) -> None:
        if remember < 1:
            raise ConfigurationError(f"remember must be at least 1, not {remember!r}")
        self._remember = remember
        self._pending: dict[str, Delivery] = {}
        self._dead: dict[str, Delivery] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()

    async def add(self, delivery: Delivery) -> bool:
        """See `DeliveryStore`."""
        if delivery.key in self._pending or delivery.key in self._dead or delivery.key in self._finished:
            return False
        self._pending[delivery.key] = delivery
        return True

    async def pending(self) -> Sequence[str]:
        """See `DeliveryStore`."""
        return tuple(self._pending)

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return [self._pending[key] for key in keys if key in self._pending]

    async def save(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        if delivery.key in self._pending:
            self._pending[delivery.key] = delivery

    async def finish(self, keys: Iterable[str]) -> None:
        """See `DeliveryStore`."""
        for key in keys:
            self._pending.pop(key, None)
            self._finished[key] = None
        while len(self._finished) > self._remember:
            self._finished.popitem(last=False)

    async def bury(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        self._pending.pop(delivery.key, None)
        self._dead[delivery.key] = delivery

    async def dead_letters(self) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return tuple(self._dead.values())

    async def revive(self, key: str) -> Delivery | None:
        """See `DeliveryStore`."""
        dead = self._dead.pop(key, None)
        if dead is None:
            return None
        self._pending[key] = attrs.evolve(dead, attempts=0, reason=None)
        return self._pending[key]

    async def aclose(self) -> None:
        """Nothing is let go of: what is kept stays for as long as the store does."""
