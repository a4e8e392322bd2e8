"""Handing accepted deliveries to the handlers: in order per record, side by side otherwise, again after failures."""

import logging
from collections.abc import Sequence

import anyio
import attrs
from anyio.abc import TaskStatus

from .._core.clock import Clock
from ..errors import ConfigurationError, InvalidDelivery
from .events import Event
from .handlers import Handler, Progress, run_handlers
from .lanes import Lanes
from .naming import Names
from .parsing import lanes_of, parse
from .store import Delivery, DeliveryStore

__all__ = ["Dispatcher", "HandlerRetry", "events_of"]

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

    async def _again(self, progress: Progress, key: str) -> bool:
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
