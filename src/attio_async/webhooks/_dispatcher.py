"""Handing accepted deliveries to the handlers: in order per record, side by side otherwise, again after failures."""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import anyio
import attrs
from anyio.abc import TaskStatus

from .._utils.clock import Clock
from ..errors import ConfigurationError, InvalidDelivery
from ._events import Event
from ._match import KnownRecords, Names, Wanted
from ._parse import lanes_of, parse
from ._stores.base import Delivery, DeliveryStore

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
class HandlerProgress:
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
) -> HandlerProgress:
    """Tell each handler the events in order, until it fails on one; then the others are still told theirs.

    What is done is in the store before the next event is told, so that a crash repeats no more than that one. A record
    is read once for all of these events: whenever that is, it is after the last of them.
    """
    known: KnownRecords = {}
    progress = HandlerProgress(
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


async def _keep(
    progress: HandlerProgress, keys: Iterable[str], store: DeliveryStore, *, was_called: bool
) -> None:
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


_log = logging.getLogger("attio_async")


def _at_least_one(_: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    if not value >= 1:
        raise ConfigurationError(f"{attribute.name} must be at least 1, not {value!r}")


def _positive(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not value > 0:
        raise ConfigurationError(f"{attribute.name} must be more than 0, not {value!r}")


@attrs.frozen(kw_only=True)
class HandlerRetry:
    """How often a failing handler is told again.

    Attributes:
        attempts: How often in all, before the delivery becomes a dead letter.
        base: The first pause in seconds; each further one is twice as long.
        cap: The longest pause in seconds.
    """

    attempts: int = attrs.field(default=8, validator=_at_least_one)
    base: float = attrs.field(default=1.0, validator=_positive)
    cap: float = attrs.field(default=300.0, validator=_positive)

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        return float(min(self.cap, self.base * 2.0 ** min(failures - 1, 64)))


class Dispatcher:
    """Runs handlers over what is in the store. Not for use by several event loops.

    It runs while `run` does, in one task at a time; what is lined up meanwhile waits for the next run.
    """

    def __init__(
        self, *, store: DeliveryStore, names: Names, retry: HandlerRetry, clock: Clock, concurrency: int
    ) -> None:
        self.handlers: list[Handler] = []
        self.lanes = Lanes()
        self._store = store
        self._names = names
        self._retry = retry
        self._clock = clock
        self._concurrency = concurrency
        self._running = 0
        self._is_active = False
        self._is_stopping = False
        self._changed = anyio.Event()
        self._ended = anyio.Event()

    @property
    def is_active(self) -> bool:
        """Whether something runs it already."""
        return self._is_active

    def put(self, key: str, events: Sequence[Event]) -> None:
        """Line up a delivery that is in the store."""
        self.lanes.put(key, {lane for event in events for lane in lanes_of(event)})
        self._wake()

    def stop(self) -> None:
        """End the current run once what is ready is handled; what waits for its next attempt stays in the store."""
        self._is_stopping = True
        self._wake()

    async def ended(self) -> None:
        """Return when nothing runs it."""
        if self._is_active:
            await self._ended.wait()

    async def run(
        self, *, until_idle: bool = False, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Hand out deliveries until stopped or cancelled, or until there are none left."""
        task_status.started()
        if self._is_active:
            return
        self._is_active, self._is_stopping = True, False
        self._ended = anyio.Event()
        try:
            async with anyio.create_task_group() as group:
                while not self._is_over(until_idle=until_idle):
                    while self._running < self._concurrency and (keys := self.lanes.take()):
                        self._running += 1
                        group.start_soon(self._work, keys)
                    self._changed = anyio.Event()
                    await self._changed.wait()
                group.cancel_scope.cancel()  # only those are left that wait for another attempt
        finally:
            self._is_active = False
            self._ended.set()

    def _is_over(self, *, until_idle: bool) -> bool:
        if self._running or self.lanes.has_ready:
            return False
        return self._is_stopping or (until_idle and not self.lanes)

    def _wake(self) -> None:
        self._changed.set()

    async def _work(self, keys: Sequence[str]) -> None:
        """Handle these deliveries, and give them back however that ends."""
        finished: Sequence[str] = ()
        try:
            try:
                finished, pause = await self._handled(keys)
            except Exception:  # noqa: BLE001 - a store of the application's own may fail in any way
                _log.exception("the store failed; %d deliveries wait", len(keys))
                pause = self._retry.base
            finally:
                self._running -= 1
                self._wake()
            if pause > 0:
                await self._clock.sleep(pause)
        finally:
            self.lanes.release(keys, finished)
            self._wake()

    async def _handled(self, keys: Sequence[str]) -> tuple[Sequence[str], float]:
        """The keys of those that are settled, and the seconds to wait before the others are tried again."""
        deliveries = await self._store.load(keys)
        told = [(delivery, events_of(delivery)) for delivery in deliveries]
        progress = await run_handlers(tuple(self.handlers), told, self._names, self._store)
        buried = [key for key in progress.charged if not await self._again(progress, key)]
        loaded = {delivery.key for delivery in deliveries}
        settled = [key for key in keys if key not in loaded or key in buried or progress.is_finished(key)]
        failures = [progress.deliveries[key].attempts for key in progress.charged if key not in buried]
        return settled, self._retry.pause(max(failures)) if failures else 0.0

    async def _again(self, progress: HandlerProgress, key: str) -> bool:
        """Keep a delivery for its next attempt, or as a dead letter when there is none."""
        delivery = progress.deliveries[key]
        if delivery.attempts < self._retry.attempts:
            await self._store.save(delivery)
            return True
        _log.error("delivery %s is a dead letter after %d attempts", key, delivery.attempts)
        await self._store.bury(delivery)
        return False


def events_of(delivery: Delivery) -> Sequence[Event]:
    """Its events; none of a body that cannot be read, which never is pending unless someone else put it there."""
    try:
        return parse(delivery.body, message_id=delivery.key)
    except InvalidDelivery:
        return ()
