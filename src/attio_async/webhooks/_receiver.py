"""Receive webhooks: verify, store and answer each delivery, and handle it afterwards."""

import hashlib
import inspect
import logging
import secrets as randomness
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack, overload

import anyio
import anyio.abc
import attrs

from .._utils.asgi import AsgiEndpoint
from .._utils.checks import check_at_least
from .._utils.clock import Clock, SystemClock
from .._utils.public import public
from .._utils.secret import Secret, guarded
from .._utils.shield import finish
from ..errors import ConfigurationError, InvalidDelivery
from ._asgi import ReceiverApp, ReceiverResponse, too_large
from ._dispatcher import Dispatcher, HandlerRetry
from ._events import Event, parse
from ._match import EventType, Handler, HandlerOptions, Matcher, WorkspaceReader, event_classes
from ._stores.base import Delivery, DeliveryStore, MemoryStore
from ._verify import SIGNATURE_HEADERS, Secrets, secrets_of, verify

_MAX_KEY_CHARS = 200
_RECOVERY_BATCH = 500
"""Deliveries that are read from the store at once after a restart."""

_TRY_LATER = ReceiverResponse(HTTPStatus.SERVICE_UNAVAILABLE, "try again later")

_log = logging.getLogger("attio_async")

E = TypeVar("E", bound=Event)
R = TypeVar("R")
Function = TypeVar("Function", bound=Callable[[Any], Awaitable[object]])


@public
class WebhookReceiver:
    """Receives webhooks. Each delivery is verified, stored, answered, and then handled in order until that succeeds.

    Attio delivers at least once, waits 5 seconds for a response, and gives up after about ten attempts
    (https://docs.attio.com/rest-api/how-to/webhooks). So a delivery is answered as soon as it is stored, and handlers
    run afterwards: events of the same record one after the other in the order of arrival, others concurrently. A failed
    handler is retried with exponential backoff; after `HandlerRetry.attempts` failures the delivery becomes a dead
    letter. A repeated delivery, recognised by its Idempotency-Key, is answered and not handled again. A handler that was
    running when the process died is called again.

    ::

        receiver = WebhookReceiver(secret=..., store=SQLiteStore("hooks.db"))

        @receiver.on(RecordUpdated)
        async def on_update(event: RecordUpdated) -> None: ...

        routes = [Route("/hooks/attio", receiver.asgi())]

    Handlers run while the receiver is used as an async context manager, best for the lifetime of the app. Otherwise
    they run at the end of the request that brought a delivery, and what a crash left behind waits for the first
    request.

    Args:
        secret: The webhook's secret; several while one replaces another, or if webhooks share a URL.
        store: Where deliveries are kept. The default forgets them with the process; `SQLiteStore` does not.
        attio: The client to look up slugs and read records with. It stays yours to close.
        own_actors: Ids of actors that are this app, such as its API token's, for `ignore_self`. The app that the
            client's token belongs to is always one.
        retry: The retries of failing handlers.
        concurrency: Records whose events are handled concurrently.
        max_body: The size of the largest body in bytes; larger ones are answered with 413.
        max_pending: Deliveries that may be pending; further ones are answered with 503, and Attio retries them.
        shutdown_timeout: Seconds that handlers get to finish at the end.
        clock: The source of time, for tests.

    Raises:
        ConfigurationError: A secret is empty, or a number is out of range.
    """

    @guarded
    def __init__(
        self,
        *,
        secret: Secrets,
        store: DeliveryStore | None = None,
        attio: WorkspaceReader | None = None,
        own_actors: Iterable[str] = (),
        retry: HandlerRetry | None = None,
        concurrency: int = 10,
        max_body: int = 1024 * 1024,
        max_pending: int = 100_000,
        shutdown_timeout: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        check_at_least(1, concurrency=concurrency, max_body=max_body, max_pending=max_pending)
        check_at_least(0, shutdown_timeout=shutdown_timeout)
        self._secrets = tuple(map(Secret, secrets_of(secret)))
        self._store = MemoryStore() if store is None else store
        self._matcher = Matcher(attio, own_actors)
        self._clock = clock or SystemClock()
        self._max_body = max_body
        self._max_pending = max_pending
        self._shutdown_timeout = shutdown_timeout
        self._dispatcher = Dispatcher(
            store=self._store,
            matcher=self._matcher,
            retry=retry or HandlerRetry(),
            clock=self._clock,
            concurrency=concurrency,
        )
        self._recovery = anyio.Lock()
        self._is_recovered = False
        self._is_closing = False
        self._group: anyio.abc.TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<WebhookReceiver {len(self._dispatcher.handlers)} handlers, {self.pending_count} pending>"

    @property
    def pending_count(self) -> int:
        """The number of accepted deliveries that are not finished, as far as this process has seen."""
        return len(self._dispatcher.lanes)

    @overload
    def on(
        self, first: type[E], /, *types: type[E], name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Callable[[E], Awaitable[R]]], Callable[[E], Awaitable[R]]]: ...
    @overload
    def on(
        self, *types: str, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Function], Function]: ...
    def on(
        self, *types: EventType, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Any], Any]:
        """Register an async function that receives matching events, one at a time.

        ::

            @receiver.on("record.updated", object="deals", attribute="stage")
            async def on_stage_change(event): ...

        Slugs are looked up when the first event arrives; an unknown slug makes the handler fail then.

        Args:
            types: Event types by name or class, such as `RecordEvent` for all events of records; by default all.
            name: The name by which the store knows the handler, so that a delivery is not handled twice if the
                process restarts in between. By default the function's module and name.
            options: Conditions on the events; see `HandlerOptions`.

        Raises:
            UnknownName: An event type is unknown.
            ConfigurationError: The name is taken, or a condition needs a client to look it up.
        """
        return self._register(types, name, options, takes_bursts=False)

    @overload
    def on_burst(
        self, first: type[E], /, *types: type[E], name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Callable[[Sequence[E]], Awaitable[R]]], Callable[[Sequence[E]], Awaitable[R]]]: ...
    @overload
    def on_burst(
        self, *types: str, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Function], Function]: ...
    def on_burst(
        self, *types: EventType, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Any], Any]:
        """Register an async function that receives all pending events of a record together.

        Attio sends an event for each changed attribute. The function is called once with all events that arrived while
        the record waited for its turn, as a sequence in the order of arrival; with `hydrate` the record is read once.

        Args:
            types: As for `on`.
            name: As for `on`.
            options: As for `on`.

        Raises:
            UnknownName: An event type is unknown.
            ConfigurationError: The name is taken, or a condition needs a client to look it up.
        """
        return self._register(types, name, options, takes_bursts=True)

    def off(self, function: Callable[..., object]) -> None:
        """Stop calling a function that `on` or `on_burst` registered. One that is not registered is left alone.

        A delivery that waits for it only is finished without it.

        Args:
            function: The function.
        """
        handlers = self._dispatcher.handlers
        handlers[:] = [handler for handler in handlers if handler.function != function]

    def _register(
        self, types: Iterable[EventType], name: str | None, options: HandlerOptions, *, takes_bursts: bool
    ) -> Callable[[Any], Any]:
        def register(function: Any) -> Any:
            if inspect.isfunction(function) and not (
                inspect.iscoroutinefunction(function) or hasattr(function, "__wrapped__")
            ):
                raise ConfigurationError(
                    f"a handler must be an async function, and {function.__qualname__} is not"
                )
            handler = Handler(
                name=name or handler_name(function),
                function=function,
                takes_bursts=takes_bursts,
                types=event_classes(types),
                **options,
            )
            self._matcher.check(handler)
            if any(handler.name == other.name for other in self._dispatcher.handlers):
                raise ConfigurationError(f"another handler is named {handler.name!r}: give this one a name=")
            self._dispatcher.handlers.append(handler)
            return function

        return register

    def asgi(self) -> AsgiEndpoint:
        """Return an ASGI application that takes deliveries at any path: use it as a route, mount it or run it alone.

        Starlette and FastAPI answer requests for a mounted application with a redirect if the URL has no slash at its
        end, and Attio does not follow redirects: use a route, or give Attio the URL with the slash.

        The application speaks the lifespan protocol, so that run alone it needs no context manager. Most frameworks do
        not pass the lifespan on to mounted applications: use the receiver as a context manager in the outer lifespan.
        """
        return ReceiverApp(
            self.receive, lifespan=self, after_response=self._handle_pending, max_body=self._max_body
        )

    async def receive(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        """Verify and store a delivery, and return the response to it. For servers that do not speak ASGI.

        No handler runs here: use the receiver as a context manager, or call `drain`.

        Args:
            headers: The request's headers, with names in any case.
            body: The body as it arrived.
        """
        if len(body) > self._max_body:
            return too_large(self._max_body)
        headers = {name.lower(): text for name, text in headers.items()}
        signatures = [headers[name] for name in SIGNATURE_HEADERS if name in headers]
        if not any(self._is_signed(body, signature) for signature in signatures):
            return ReceiverResponse(
                HTTPStatus.UNAUTHORIZED,
                "the signature is wrong" if signatures else "the signature is missing",
            )
        if self._is_closing or self.pending_count >= self._max_pending:
            return _TRY_LATER
        delivery = Delivery(key=delivery_key(headers), body=body, received_at=self._clock.time())
        try:
            await self._recover()
            return await self._accept(delivery)
        except Exception:  # noqa: BLE001 - a store of the application's own may raise anything, and Attio will retry
            _log.exception("delivery %s could not be stored", delivery.key)
            return _TRY_LATER

    @guarded
    def _is_signed(self, body: bytes, signature: str) -> bool:
        return verify(body, signature, [secret.reveal() for secret in self._secrets])

    async def _accept(self, delivery: Delivery) -> ReceiverResponse:
        try:
            events = parse(delivery.body, message_id=delivery.key)
        except InvalidDelivery as error:
            # The signature is right, so a retry would bring the same body.
            _log.error("delivery %s is a dead letter: %s", delivery.key, error)
            await self._store.bury(attrs.evolve(delivery, reason=str(error)))
            return ReceiverResponse(HTTPStatus.ACCEPTED, "accepted as a dead letter: the body is invalid")
        if await finish(lambda: self._add(delivery, events)):
            return ReceiverResponse(HTTPStatus.ACCEPTED, "accepted")
        await self._put_stored([delivery.key])  # in case it was stored, and not queued before a crash
        return ReceiverResponse(HTTPStatus.OK, "accepted before")

    async def _add(self, delivery: Delivery, events: Sequence[Event]) -> bool:
        """Store and queue a delivery; False if it is known. If the sender disconnects, both happen or neither."""
        is_new = await self._store.add(delivery)
        if is_new:
            self._dispatcher.put(delivery.key, events)
        return is_new

    async def drain(self) -> None:
        """Handle all pending deliveries, retries included, and return when none is left.

        Return at once if handlers are already run by the context manager or another task.
        """
        await self._recover()
        await self._dispatcher.run(until_idle=True)

    async def _handle_pending(self) -> None:
        """Handle pending deliveries within a request, unless the receiver runs as a context manager."""
        if not self._is_closing:
            await self._dispatcher.run(until_idle=True)

    async def dead_letters(self) -> Sequence[Delivery]:
        """Return the deliveries that were invalid or failed too often, with the reasons."""
        return await self._store.dead_letters()

    async def redeliver(self, key: str) -> bool:
        """Handle a dead letter again, by the handlers that did not finish it; return False if it does not exist."""
        delivery = await self._store.revive(key)
        if delivery is not None:
            self._dispatcher.put_stored(delivery)
        return delivery is not None

    async def _recover(self) -> None:
        """Queue what an earlier process left pending, once."""
        if self._is_recovered:
            return
        async with self._recovery:
            if self._is_recovered:
                return
            keys = await self._store.pending()
            for start in range(0, len(keys), _RECOVERY_BATCH):
                await self._put_stored(keys[start : start + _RECOVERY_BATCH])
            self._is_recovered = True

    async def _put_stored(self, keys: Sequence[str]) -> None:
        """Queue those of the deliveries that are pending in the store and not queued yet."""
        missing = [key for key in keys if key not in self._dispatcher.lanes]
        if missing:
            for delivery in await self._store.load(missing):
                self._dispatcher.put_stored(delivery)

    async def __aenter__(self) -> Self:
        if self._group is not None:
            raise ConfigurationError("this receiver is already running")
        self._is_closing = False
        await self._recover()
        group = anyio.create_task_group()
        await group.__aenter__()
        self._group = group
        try:
            # Not `group.start`, which waits for ever when a loop that ends cancels a task before it began.
            group.start_soon(self._dispatcher.run)
            await self._dispatcher.wait_until_started()
        except BaseException:
            await self.__aexit__(*sys.exc_info())
            raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Accept nothing new, let running handlers finish, and close the store."""
        group, self._group = self._group, None
        if group is None:
            return
        self._is_closing = True
        try:
            if exc is None:
                await self._finish()
        finally:
            group.cancel_scope.cancel()
            try:
                # The group would wrap the error, so it does not get it; returning None raises it unchanged.
                await group.__aexit__(None, None, None)
            finally:
                if self.pending_count:
                    _log.warning("%d deliveries are still pending", self.pending_count)
                await finish(self._store.aclose)
                self._is_recovered = False

    async def _finish(self) -> None:
        """Wait for the running handlers, at most for the shutdown timeout."""
        self._dispatcher.stop()
        async with anyio.create_task_group() as group:
            group.start_soon(self._time_out, group.cancel_scope)
            await self._dispatcher.wait_until_ended()
            group.cancel_scope.cancel()

    async def _time_out(self, scope: anyio.CancelScope) -> None:
        await self._clock.sleep(self._shutdown_timeout)
        scope.cancel()


def handler_name(function: Any) -> str:
    """Return the default name of a handler, which is the same after every restart.

    Raises:
        ConfigurationError: The function has no name.
    """
    try:
        return f"{function.__module__}.{function.__qualname__}"
    except AttributeError:
        raise ConfigurationError("this handler has no name of its own: give it a name=") from None


def delivery_key(headers: Mapping[str, str]) -> str:
    """Return the key that tells a message from others; a new one if Attio sent none.

    It is not made from the body, since two equal bodies can be two equal changes.
    """
    key = headers.get("idempotency-key", "").strip()
    if not key:
        return f"unnamed-{randomness.token_hex(16)}"
    if len(key) > _MAX_KEY_CHARS:
        return f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"
    return key
