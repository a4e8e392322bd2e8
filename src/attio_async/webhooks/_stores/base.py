"""The deliveries that wait for their handlers, and the store that keeps them."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import attrs
import msgspec

from attio_async_api.json_data import JsonData

from ..._storage.stored import reading_stored, storable
from ..._utils.checks import check_at_least
from ..._utils.public import public

REMEMBER_S = 7 * 24 * 3600.0
"""How long stores remember finished deliveries: Attio retries for about 3 days.

https://docs.attio.com/rest-api/how-to/webhooks, "Delivery attempts"
"""


@public
@attrs.frozen(kw_only=True)
class Delivery(JsonData):
    """A verified message from Attio.

    Attributes:
        key: The Idempotency-Key, or a generated key if Attio sent none.
        body: The body as it arrived.
        received_at: Unix time in seconds.
        done: The finished steps: the index of an event and the name of a handler, such as "0:app.on_update".
        attempts: The number of attempts in which a handler failed.
        reason: The error of the last failed attempt; None if there was none.
    """

    key: str
    body: bytes = attrs.field(repr=False)
    received_at: float
    done: frozenset[str] = frozenset()
    attempts: int = 0
    reason: str | None = None


@public
class DeliveryStore(Protocol):
    """Keeps deliveries: pending until all handlers finished, then only their keys, or else as dead letters.

    A store serves one receiver at a time. A delivery for which `add` returned is durable.
    """

    async def add(self, delivery: Delivery) -> bool:
        """Store a new delivery as pending. Return False, and change nothing, if its key is known in any state."""
        ...

    async def pending(self) -> Sequence[str]:
        """Return the keys of all pending deliveries, in the order of arrival."""
        ...

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """Return those of the deliveries that are pending, in the order of the keys."""
        ...

    async def save(self, delivery: Delivery) -> None:
        """Store the progress of a pending delivery: `done`, `attempts` and `reason`."""
        ...

    async def finish(self, keys: Sequence[str]) -> None:
        """Reduce deliveries to their keys, which are remembered to recognise a repeated delivery."""
        ...

    async def bury(self, delivery: Delivery) -> None:
        """Store a delivery, known or not, as a dead letter."""
        ...

    async def dead_letters(self) -> Sequence[Delivery]:
        """Return all dead letters, in the order of arrival."""
        ...

    async def revive(self, key: str) -> Delivery | None:
        """Make a dead letter pending again and reset its attempts; None if the key is not a dead letter's."""
        ...

    async def aclose(self) -> None:
        """Close files and connections. The next use opens them again."""
        ...


@public
class MemoryStore(DeliveryStore):
    """A store that lives as long as the process: for tests, and for handlers that may miss a delivery.

    Args:
        max_finished: The number of finished deliveries to remember; beyond it the oldest are forgotten.
    """

    def __init__(self, *, max_finished: int = 100_000) -> None:
        check_at_least(1, max_finished=max_finished)
        self._max_finished = max_finished
        self._pending: dict[str, Delivery] = {}
        self._dead: dict[str, Delivery] = {}
        self._finished: OrderedDict[str, None] = OrderedDict()

    async def add(self, delivery: Delivery) -> bool:
        if delivery.key in self._pending or delivery.key in self._dead or delivery.key in self._finished:
            return False
        self._pending[delivery.key] = delivery
        return True

    async def pending(self) -> Sequence[str]:
        return tuple(self._pending)

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        return [self._pending[key] for key in keys if key in self._pending]

    async def save(self, delivery: Delivery) -> None:
        if delivery.key in self._pending:
            self._pending[delivery.key] = delivery

    async def finish(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._pending.pop(key, None)
            self._finished[key] = None
        while len(self._finished) > self._max_finished:
            self._finished.popitem(last=False)

    async def bury(self, delivery: Delivery) -> None:
        self._pending.pop(delivery.key, None)
        self._dead[delivery.key] = delivery

    async def dead_letters(self) -> Sequence[Delivery]:
        return tuple(self._dead.values())

    async def revive(self, key: str) -> Delivery | None:
        dead = self._dead.pop(key, None)
        if dead is None:
            return None
        self._pending[key] = attrs.evolve(dead, attempts=0, reason=None)
        return self._pending[key]

    async def aclose(self) -> None:
        """Keep everything: there is nothing to close."""


Row = tuple[str, bytes, Any, str | bytes, Any, str | None]
"""The columns of a stored delivery: key, body, received_at, done as JSON, attempts, reason."""


def row_of(delivery: Delivery) -> Row:
    """Return a delivery as columns."""
    done = msgspec.json.encode(sorted(delivery.done)).decode()
    reason = None if delivery.reason is None else storable(delivery.reason)
    return delivery.key, delivery.body, delivery.received_at, done, delivery.attempts, reason


def delivery_of(row: Sequence[Any], store: object) -> Delivery:
    """Return the delivery that was stored in these columns; numbers may be text.

    Raises:
        ConfigurationError: They hold something else. The message names the store.
    """
    with reading_stored(store):
        key, body, received_at, done, attempts, reason = row
        if not (isinstance(key, str) and isinstance(body, bytes) and isinstance(reason, str | None)):
            raise TypeError("a column has another type")
        return Delivery(
            key=key,
            body=body,
            received_at=float(received_at),
            done=frozenset(msgspec.json.decode(done, type=list[str])),
            attempts=int(attempts),
            reason=reason,
        )
