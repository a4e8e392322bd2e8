"""What handlers want to be told, and running them over the deliveries of one record."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import attrs

from .events import Event
from .naming import KnownRecords, Names
from .store import Delivery, DeliveryStore
from .wanted import Wanted

__all__ = ["Handler", "Progress", "run_handlers"]

_log = logging.getLogger("attio_async")
_LONGEST_REASON = 1000


@attrs.frozen(kw_only=True)
class Handler:
    """A function, and what it wants to be told. `name` says in the store what is done."""

    name: str
    wanted: Wanted
    function: Callable[[Any], Awaitable[object]]

    async def call(self, events: Sequence[Event], names: Names, known: KnownRecords) -> None:
        """Tell it the events: all together, or the only one."""
        given = await names.hydrated(events, known) if self.wanted.hydrate else events
        await self.function(tuple(given) if self.wanted.together else given[0])


@attrs.define
class Progress:
    """How far the handlers came with some deliveries.

    Attributes:
        deliveries: The deliveries by key, with what of them is done.
        steps: All that there is to do for each of them.
        charged: Those on which a handler failed, and why.
    """

    deliveries: dict[str, Delivery]
    steps: dict[str, frozenset[str]]
    charged: dict[str, str] = attrs.field(factory=dict[str, str])

    @property
    def finished(self) -> list[str]:
        """The keys of the deliveries with which every handler is done."""
        return [key for key in self.deliveries if self.is_finished(key)]

    def is_finished(self, key: str) -> bool:
        return self.steps[key] <= self.deliveries[key].done

    def is_done(self, event: Event, handler: Handler) -> bool:
        return _step(event, handler) in self.deliveries[event.message_id].done

    def did(self, event: Event, handler: Handler) -> None:
        known = self.deliveries[event.message_id]
        done = known.done | {_step(event, handler)}
        self.deliveries[event.message_id] = attrs.evolve(known, done=done)

    def charge(self, key: str, reason: str) -> None:
        """Count one failure of a delivery, however many handlers failed on it."""
        if key not in self.charged:
            known = self.deliveries[key]
            self.deliveries[key] = attrs.evolve(known, attempts=known.attempts + 1, reason=reason)
        self.charged[key] = reason


async def run_handlers(
    handlers: Sequence[Handler],
    told: Sequence[tuple[Delivery, Sequence[Event]]],
    names: Names,
    store: DeliveryStore,
) -> Progress:
    """Tell each handler the events in order, until it fails on one; then the others are still told theirs.

    What is done is in the store before the next event is told, so that a crash repeats no more than that one. A record
    is read once for all of these events: whenever that is, it is after the last of them.
    """
    known: KnownRecords = {}
    progress = Progress(
        {delivery.key: delivery for delivery, _ in told},
        {delivery.key: frozenset(_step(e, h) for e in events for h in handlers) for delivery, events in told},
    )
    await _keep(progress, progress.finished, store, was_called=False)  # those with nothing left to do
    everything = [event for _, events in told for event in events]
    for handler in handlers:
        left = [event for event in everything if not progress.is_done(event, handler)]
        for turn in _turns(handler, left):
            was_called, reason = await _tell(handler, turn, names, known)
            if reason is not None:
                progress.charge(turn[0].message_id, reason)
                break
            for event in turn:
                progress.did(event, handler)
            await _keep(progress, {event.message_id for event in turn}, store, was_called=was_called)
    return progress


async def _keep(progress: Progress, keys: Iterable[str], store: DeliveryStore, *, was_called: bool) -> None:
    finished = [key for key in keys if progress.is_finished(key)]
    if finished:
        await store.finish(finished)
    if was_called:  # to have been passed over can be found out again
        for key in keys:
            if not progress.is_finished(key):
                await store.save(progress.deliveries[key])


def _step(event: Event, handler: Handler) -> str:
    return f"{event.index}:{handler.name}"


def _turns(handler: Handler, events: Sequence[Event]) -> Sequence[Sequence[Event]]:
    if handler.wanted.together:
        return [events] if events else []
    return [(event,) for event in events]


async def _tell(
    handler: Handler, events: Sequence[Event], names: Names, known: KnownRecords
) -> tuple[bool, str | None]:
    """Whether the handler was called, which it is not when it wants none of these events, and why it failed."""
    wanted: list[Event] = []
    try:
        wanted += [event for event in events if await names.includes(event, handler.wanted)]
        if wanted:
            await handler.call(wanted, names, known)
    except Exception as error:  # noqa: BLE001 - a handler is the application's own code, and may fail in any way
        _log.warning("handler %s failed on delivery %s", handler.name, events[0].message_id, exc_info=True)
        return True, _reason(handler, error)
    return bool(wanted), None


def _reason(handler: Handler, error: Exception) -> str:
    """Why it failed, as text that any store can keep."""
    reason = f"{handler.name}: {type(error).__name__}: {error}"
    return reason[:_LONGEST_REASON].encode("utf-8", "replace").decode()
