"""Hand pending deliveries to handlers: in order per record, concurrently across records, with retries."""

import logging
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import anyio
import attrs

from .._utils.callbacks import ENDS
from .._utils.checks import at_least, positive
from .._utils.clock import Clock
from .._utils.public import public
from .._utils.shield import cancellation_watch, count_cancellations, revoke_cancellations
from ..errors import InvalidDelivery
from ._events import Event, parse
from ._match import Handler, Matcher, RecordsById
from ._stores.base import Delivery

_MAX_BATCH = 100
"""Deliveries about one record that are handled in one go."""
_MAX_REASON_CHARS = 1000

_log = logging.getLogger("attio_async")


@public
@attrs.frozen(kw_only=True)
class HandlerRetry:
    """The retries of a failing handler, with exponential backoff.

    Attributes:
        attempts: Attempts in all, before the delivery becomes a dead letter.
        base: Seconds before the first retry; each further pause is twice as long.
        cap: The longest pause in seconds.
    """

    attempts: int = attrs.field(default=8, validator=at_least(1))
    base: float = attrs.field(default=1.0, validator=positive)
    cap: float = attrs.field(default=300.0, validator=positive)

    def backoff(self, failures: int) -> float:
        """Return the seconds to wait after this many failures."""
        return float(min(self.cap, self.base * 2.0 ** min(failures - 1, 64)))


class PendingDeliveries(Protocol):
    """The part of a `DeliveryStore` that handling needs."""

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """Return those of the deliveries that are to be handled now, in the order of the keys."""
        ...

    async def save(self, delivery: Delivery) -> None:
        """Store the progress of a delivery."""
        ...

    async def finish(self, keys: Sequence[str]) -> None:
        """Note that deliveries are handled."""
        ...

    async def bury(self, delivery: Delivery) -> None:
        """Store a delivery that was tried as often as `HandlerRetry.attempts` allows."""
        ...


class Lanes:
    """The keys of pending deliveries, each queued in one or more lanes.

    A key is ready when it is first in all of its lanes. A key that was taken stays first until it is released.
    """

    def __init__(self) -> None:
        self._lanes_of: dict[str, frozenset[str]] = {}
        self._queues: dict[str, deque[str]] = {}
        self._ready: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._lanes_of)

    def __contains__(self, key: object) -> bool:
        return key in self._lanes_of

    @property
    def has_ready(self) -> bool:
        """True if `take` would return a key."""
        return bool(self._ready)

    def put(self, key: str, lanes: Iterable[str]) -> None:
        """Queue a key at the end of its lanes. Without lanes it gets its own; a queued key stays where it is."""
        if key in self._lanes_of:
            return
        mine = self._lanes_of[key] = frozenset(lanes) or frozenset({key})
        for lane in mine:
            self._queues.setdefault(lane, deque()).append(key)
        if self._is_first(key):
            self._ready.append(key)

    def take(self) -> list[str]:
        """Take a ready key, and those right behind it in the same lane and no other; empty when none is ready."""
        if not self._ready:
            return []
        first = self._ready.popleft()
        mine = self._lanes_of[first]
        if len(mine) != 1:
            return [first]
        taken: list[str] = []
        for key in self._queues[next(iter(mine))]:
            if self._lanes_of[key] != mine or len(taken) == _MAX_BATCH:
                break
            taken.append(key)
        return taken

    def release(self, taken: Iterable[str], finished: Iterable[str]) -> None:
        """Give back the keys that were taken, and remove the finished ones from their lanes."""
        lanes = {lane for key in taken for lane in self._lanes_of[key]}
        for key in finished:
            self._remove(key)
        for key in {self._queues[lane][0] for lane in lanes if lane in self._queues}:
            if self._is_first(key):
                self._ready.append(key)

    def _remove(self, key: str) -> None:
        for lane in self._lanes_of.pop(key):
            queue = self._queues[lane]
            queue.remove(key)
            if not queue:
                del self._queues[lane]

    def _is_first(self, key: str) -> bool:
        return all(self._queues[lane][0] == key for lane in self._lanes_of[key])


def lanes_of(event: Event) -> frozenset[str]:
    """Return the lanes of an event: the records it is about, or else the thing it is about."""
    names = ("record_id", "parent_record_id", "duplicate_record_id")
    records = {str(getattr(event, name, "") or "") for name in names} - {""}
    return frozenset(records or {event.id or event.event_type})


class _Attempt:
    """One attempt at handling some deliveries, with what was done before.

    A step is one event handled by one handler. The steps done are in the store before the next event is handled, so
    that after a crash no more than that one is handled again. A record is read once for all events: whenever that is,
    it is after the last of them.

    Attributes:
        deliveries: The deliveries by key, each with its progress.
        failed: The keys of the deliveries on which a handler failed.
        invalid: The deliveries whose bodies cannot be read, with the reasons; no handler is called for them.

    Args:
        deliveries: The deliveries.
        exhausted: The keys of those that no handler is called for any more.
        matcher: Tells which handler receives which event.
        store: The store of the deliveries.
        is_stopping: Returns True if an exception may be the cancellation of the dispatcher.
    """

    def __init__(
        self,
        deliveries: Sequence[Delivery],
        exhausted: Iterable[str],
        *,
        matcher: Matcher,
        store: PendingDeliveries,
        is_stopping: Callable[[], bool],
    ) -> None:
        self.deliveries: dict[str, Delivery] = {}
        self.failed = list(exhausted)
        self.invalid: list[Delivery] = []
        self._is_stopping = is_stopping
        self._events: dict[str, Sequence[Event]] = {}
        for delivery in deliveries:
            try:
                self._events[delivery.key] = parse(delivery.body, message_id=delivery.key)
            except InvalidDelivery as error:  # such as a dead letter that is delivered again
                self.invalid.append(attrs.evolve(delivery, reason=str(error)))
            else:
                self.deliveries[delivery.key] = delivery
        self._steps: dict[str, frozenset[str]] = {}
        self._records: RecordsById = {}
        self._matcher = matcher
        self._store = store

    def is_finished(self, key: str) -> bool:
        """Return True if all handlers are done with a delivery."""
        return self._steps[key] <= self.deliveries[key].done

    async def run(self, handlers: Sequence[Handler]) -> None:
        """Call each handler with its events in order, up to the first on which it fails."""
        self._steps = {
            key: frozenset(_step(event, handler) for event in events for handler in handlers)
            for key, events in self._events.items()
        }
        await self._save(self.deliveries, was_called=False)  # some may have nothing left to do
        everything = [
            event for key, events in self._events.items() if key not in self.failed for event in events
        ]
        for handler in handlers:
            left = [e for e in everything if _step(e, handler) not in self.deliveries[e.message_id].done]
            for events in [left] if handler.takes_bursts and left else [[event] for event in left]:
                cancellations = count_cancellations()
                try:
                    was_called = await self._call(handler, events)
                except BaseException as error:  # a handler is the application's code and may raise anything
                    if _ends_the_program(error) or self._is_stopping():
                        raise
                    revoke_cancellations(cancellations)  # it cancelled itself
                    self._fail(handler, events[0].message_id, error)
                    break
                for event in events:
                    self._mark_done(handler, event)
                await self._save({event.message_id for event in events}, was_called=was_called)

    async def _call(self, handler: Handler, events: Sequence[Event]) -> bool:
        """Call the handler with those of the events that it receives; return False if it receives none."""
        matching = [event for event in events if await self._matcher.matches(event, handler)]
        if matching:
            if handler.hydrate:
                matching = await self._matcher.hydrate(matching, self._records)
            await handler.function(tuple(matching) if handler.takes_bursts else matching[0])
        return bool(matching)

    def _mark_done(self, handler: Handler, event: Event) -> None:
        delivery = self.deliveries[event.message_id]
        done = delivery.done | {_step(event, handler)}
        self.deliveries[event.message_id] = attrs.evolve(delivery, done=done)

    def _fail(self, handler: Handler, key: str, error: BaseException) -> None:
        """Count one failure of a delivery, even if several handlers fail on it."""
        reason = _reason(handler, error)
        if key not in self.failed:
            delivery = self.deliveries[key]
            self.deliveries[key] = attrs.evolve(delivery, attempts=delivery.attempts + 1, reason=reason)
            self.failed.append(key)
        try:
            _log.warning("handler %s failed on delivery %s", handler.name, key, exc_info=error)
        except BaseException as second:  # from the formatter, which calls the application's code
            if _ends_the_program(second):
                raise

    async def _save(self, keys: Iterable[str], *, was_called: bool) -> None:
        finished = [key for key in keys if self.is_finished(key)]
        if finished:
            await self._store.finish(finished)
        if was_called:  # a handler that received nothing can be asked again
            for key in keys:
                if key not in finished:
                    await self._store.save(self.deliveries[key])


def _step(event: Event, handler: Handler) -> str:
    return f"{event.index}:{handler.name}"


def _ends_the_program(error: BaseException) -> bool:
    waiting = [error]
    while waiting:
        each = waiting.pop()
        # By the type: `isinstance` may ask the object, which is the application's code.
        if issubclass(type(each), ENDS):
            return True
        if issubclass(type(each), BaseExceptionGroup):
            waiting += vars(BaseExceptionGroup)["exceptions"].__get__(each)
    return False


def _reason(handler: Handler, error: BaseException) -> str:
    """Return why a handler failed, as text that any store can keep."""
    message, name = _text(error, str), _text(error, lambda error: type(error).__name__)
    if message is None:
        message = "its message cannot be shown, since that fails, too"
    reason = f"{handler.name}: {name or 'an exception'}: {message}"
    return reason[:_MAX_REASON_CHARS].encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _text(error: BaseException, text_of: Callable[[BaseException], str]) -> str | None:
    """Return a text of an exception; None if the application's code fails at that."""
    try:
        return str.__getitem__(text_of(error), slice(_MAX_REASON_CHARS))  # plain text, also of a subclass
    except BaseException as second:
        if _ends_the_program(second):
            raise
        return None


def _events_of(delivery: Delivery) -> Sequence[Event]:
    """Return the events of a delivery; none if it is invalid."""
    try:
        return parse(delivery.body, message_id=delivery.key)
    except InvalidDelivery:
        return ()


class Dispatcher:
    """Runs handlers over the pending deliveries of a store. Not for use by several event loops.

    It works while `run` does, in one task at a time; what is queued meanwhile waits for the next run.

    Args:
        store: The store of the deliveries.
        matcher: Tells which handler receives which event.
        retry: The retries.
        clock: The source of time.
        concurrency: Records whose events are handled concurrently.
        is_last: False if the store retries what is buried, so that no dead letter is told of here.
    """

    def __init__(
        self,
        *,
        store: PendingDeliveries,
        matcher: Matcher,
        retry: HandlerRetry,
        clock: Clock,
        concurrency: int,
        is_last: bool = True,
    ) -> None:
        self.handlers: list[Handler] = []
        self.lanes = Lanes()
        self._store = store
        self._matcher = matcher
        self._retry = retry
        self._clock = clock
        self._concurrency = concurrency
        self._is_last = is_last
        self._taken: list[Sequence[str]] = []
        self._running = 0
        self._unrecorded: dict[
            str, Delivery
        ] = {}  # what became of deliveries, as far as the store does not know
        self._store_failures: Counter[str] = Counter()
        self._was_cancelled: Callable[[], bool] = lambda: False
        self._is_active = False
        self._is_stopping = False
        self._changed = anyio.Event()
        self._started = anyio.Event()
        self._ended = anyio.Event()

    def put(self, key: str, events: Sequence[Event]) -> None:
        """Queue a delivery that is in the store."""
        self.lanes.put(key, {lane for event in events for lane in lanes_of(event)})
        self._changed.set()

    def put_stored(self, delivery: Delivery) -> None:
        """Queue a delivery that was read from the store."""
        self._unrecorded.pop(delivery.key, None)
        self.put(delivery.key, _events_of(delivery))

    def stop(self) -> None:
        """End the current run once everything ready is handled; what waits for a retry stays in the store."""
        self._is_stopping = True
        self._changed.set()

    async def wait_until_started(self) -> None:
        """Return when `run` has been called and began."""
        await self._started.wait()

    async def wait_until_ended(self) -> None:
        """Return when no run is active."""
        if self._is_active:
            await self._ended.wait()

    async def run(self, *, until_idle: bool = False) -> None:
        """Handle deliveries until stopped or cancelled, or until none is left. Return at once if a run is active."""
        self._started.set()
        if self._is_active:
            return
        self._is_active, self._is_stopping = True, False
        self._ended = anyio.Event()
        self._was_cancelled = cancellation_watch()
        try:
            async with anyio.create_task_group() as group:
                while not self._is_over(until_idle=until_idle):
                    while self._running < self._concurrency and (keys := self.lanes.take()):
                        self._running += 1
                        self._taken.append(keys)
                        group.start_soon(self._work, keys)
                    self._changed = anyio.Event()
                    await self._changed.wait()
                group.cancel_scope.cancel()  # the remaining tasks wait for a retry
        finally:
            for taken in self._taken:  # by tasks that were cancelled before they began
                self.lanes.release(taken, ())
            self._taken.clear()
            self._running = 0
            self._is_active = False
            self._started = anyio.Event()
            self._ended.set()

    def _is_over(self, *, until_idle: bool) -> bool:
        if self._running or self.lanes.has_ready:
            return False
        return self._is_stopping or (until_idle and not self.lanes)

    async def _work(self, keys: Sequence[str]) -> None:
        """Handle deliveries, wait if they are to be retried, and release them in any case."""
        settled: Sequence[str] = ()
        try:
            try:
                settled, pause = await self._handle(keys)
            except BaseException as error:  # a store of the application's own may raise anything
                if _ends_the_program(error) or self._is_cancelled():
                    raise
                _log.exception("the delivery store failed; %d deliveries stay pending", len(keys))
                self._store_failures[keys[0]] += 1
                pause = self._retry.backoff(self._store_failures[keys[0]])
            finally:
                self._running -= 1
                self._changed.set()
            if pause > 0:
                await self._clock.sleep(pause)
        finally:
            self._taken.remove(keys)
            self.lanes.release(keys, settled)
            self._changed.set()

    async def _handle(self, keys: Sequence[str]) -> tuple[Sequence[str], float]:
        """Return the keys that are settled, and the seconds to wait before the others are retried."""
        stored = await self._store.load(keys)
        attempt = _Attempt(
            [self._unrecorded.get(delivery.key, delivery) for delivery in stored],
            [key for key in keys if key in self._unrecorded and self._is_exhausted(self._unrecorded[key])],
            matcher=self._matcher,
            store=self._store,
            is_stopping=self._is_cancelled,
        )
        try:
            for delivery in attempt.invalid:
                if self._is_last:
                    _log.error("delivery %s is a dead letter: %s", delivery.key, delivery.reason)
                await self._store.bury(delivery)
            await attempt.run(tuple(self.handlers))
            settled, pause = await self._record(keys, attempt)
        except BaseException:
            self._unrecorded.update(attempt.deliveries)  # a handler that succeeded is not called again
            raise
        for key in keys:
            self._unrecorded.pop(key, None)
            self._store_failures.pop(key, None)
        return settled, pause

    def _is_exhausted(self, delivery: Delivery) -> bool:
        return delivery.attempts >= self._retry.attempts

    def _is_cancelled(self) -> bool:
        """Return True if the run was cancelled, and not just something that a handler waited for."""
        return self._was_cancelled() or anyio.current_effective_deadline() == -math.inf

    async def _record(self, keys: Sequence[str], attempt: _Attempt) -> tuple[Sequence[str], float]:
        """Record the failures of an attempt, and return as `_handle` does."""
        buried: set[str] = set()
        pauses = [0.0]
        for key in attempt.failed:
            delivery = attempt.deliveries.get(key)
            if delivery is None:
                continue  # recorded before, with an answer that was lost
            if not self._is_exhausted(delivery):
                await self._store.save(delivery)
                pauses.append(self._retry.backoff(delivery.attempts))
            else:
                if self._is_last:
                    _log.error("delivery %s is a dead letter after %d attempts", key, delivery.attempts)
                await self._store.bury(delivery)
                buried.add(key)
        settled = [
            key for key in keys if key not in attempt.deliveries or key in buried or attempt.is_finished(key)
        ]
        return settled, max(pauses)
