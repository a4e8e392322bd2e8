"""Receiving webhooks: check, keep, answer, and only then handle."""

import hashlib
import inspect
import logging
import secrets as randomness
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack, overload

import anyio
import anyio.abc
import attrs

from .._utils.clock import Clock, SystemClock
from ..errors import ConfigurationError, InvalidDelivery
from ._dispatcher import Dispatcher, Handler, HandlerRetry, events_of
from ._events import Event
from ._match import (
    EventType,
    Names,
    Wanted,
    Which,
    WorkspaceReader,
    classes_of,
)
from ._parse import parse
from ._stores.base import Delivery, DeliveryStore, MemoryStore
from ._verify import (
    SIGNATURE_HEADERS,
    Secrets,
    secrets_of,
    verify,
)

Message = MutableMapping[str, Any]


Receive = Callable[[], Awaitable[Message]]


Send = Callable[[Message], Awaitable[None]]


AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


class ReceiverApp:
    """An ASGI application that hands deliveries to a receiver.

    It is an object, since frameworks take a function for one of their own handlers.
    """

    def __init__(self, receiver: "WebhookReceiver") -> None:
        self._receiver = receiver

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self._receiver, receive, send)
        elif scope["type"] == "http":
            await _http(self._receiver, scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})


async def _lifespan(receiver: "WebhookReceiver", receive: Receive, send: Send) -> None:
    await receive()
    phase = "startup"
    try:
        async with receiver:
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except Exception as error:
        await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.shutdown.complete"})


async def _http(receiver: "WebhookReceiver", scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    refusal = _refusal(scope["method"], headers, receiver.max_body)
    if refusal is not None:
        await _answer(send, *refusal)
        return
    body = await _body(receive, receiver.max_body)
    if body is None:
        return  # gone before it was all there: nobody waits for an answer
    answer = await receiver.receive(headers, body)
    await _answer(send, answer.status, answer.message)
    await receiver.after_request()


def _refusal(method: str, headers: dict[str, str], max_body: int) -> tuple[int, str] | None:
    """What is wrong before the body is read."""
    if method != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED, "deliveries are POSTed"
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return HTTPStatus.BAD_REQUEST, "the content length is no number"
    if len(length.lstrip("0")) > len(str(max_body)) or int(length) > max_body:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {max_body} bytes"
    if "json" not in headers.get("content-type", "json").lower():
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "deliveries are JSON"
    if headers.get("content-encoding", "identity").lower() != "identity":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the signature is of the body as it is, not compressed"
    return None


async def _body(receive: Receive, max_body: int) -> bytes | None:
    """The body, or the part of it that shows that it is too long; None when the sender has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > max_body or not message.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, message: str) -> None:
    text = message.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": text})


E = TypeVar("E", bound=Event)


A = TypeVar("A")


AnyHandler = TypeVar("AnyHandler", bound=Callable[[Any], Awaitable[object]])


class Registering:
    """The part of `WebhookReceiver` that takes handlers."""

    _names: Names
    _handlers: list[Handler]

    @overload
    def on(
        self, first: type[E], /, *types: type[E], name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Callable[[E], Awaitable[A]]], Callable[[E], Awaitable[A]]]: ...
    @overload
    def on(
        self, *types: str, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[AnyHandler], AnyHandler]: ...
    def on(self, *types: EventType, name: str | None = None, **which: Unpack[Which]) -> Callable[[Any], Any]:
        """Register an async function that is told the events that match, one at a time.

        ::

            @receiver.on("record.updated", object="deals", attribute="stage")
            async def moved(event): ...

        A slug that does not exist makes the handler fail when the first event comes, since only then it is looked up.

        Args:
            types: Event types by name or class; `RecordEvent` is all of a record's. None means every event.
            name: What this handler is called in the store, so that a delivery is not handled twice when the process
                is restarted in between. By default its module and name.
            which: What else must be true of an event, and how it is told: see `Which`.

        Raises:
            UnknownName: There is no such event type.
            ConfigurationError: A handler has this name already, or what it wants to be told cannot be known.
        """
        return self._registering(Wanted(types=classes_of(types), **which), name)

    @overload
    def on_burst(
        self, first: type[E], /, *types: type[E], name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Callable[[Sequence[E]], Awaitable[A]]], Callable[[Sequence[E]], Awaitable[A]]]: ...
    @overload
    def on_burst(
        self, *types: str, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[AnyHandler], AnyHandler]: ...
    def on_burst(
        self, *types: EventType, name: str | None = None, **which: Unpack[Which]
    ) -> Callable[[Any], Any]:
        """Register an async function that is told all events of one record that are waiting, together.

        Attio sends one event per changed attribute. This function is called once with all that came while the record
        waited for its turn, as a sequence in the order of arrival; with `hydrate` the record is read once for all.

        Args:
            types: As for `on`.
            name: As for `on`.
            which: As for `on`.

        Raises:
            UnknownName: There is no such event type.
            ConfigurationError: A handler has this name already, or what it wants to be told cannot be known.
        """
        return self._registering(Wanted(types=classes_of(types), together=True, **which), name)

    def _registering(self, wanted: Wanted, name: str | None) -> Callable[[Any], Any]:
        self._names.check(wanted)

        def register(function: Any) -> Any:
            if inspect.isfunction(function) and not (
                inspect.iscoroutinefunction(function) or hasattr(function, "__wrapped__")
            ):
                raise ConfigurationError(
                    f"a handler is an async function, and {function.__qualname__} is not"
                )
            chosen = name or _name_of(function)
            if any(handler.name == chosen for handler in self._handlers):
                raise ConfigurationError(
                    f"a handler is called {chosen!r} already; give this one another name="
                )
            self._handlers.append(Handler(name=chosen, wanted=wanted, function=function))
            return function

        return register


def _name_of(function: Any) -> str:
    """What a handler is called when nobody says: the same after every start.

    Raises:
        ConfigurationError: It has no name.
    """
    try:
        return f"{function.__module__}.{function.__qualname__}"
    except AttributeError:
        raise ConfigurationError("this handler has no name of its own; give it one with name=") from None


_log = logging.getLogger("attio_async")


_MEGABYTE = 1024 * 1024


_LONGEST_KEY = 200


_CHUNK = 500


@attrs.frozen
class ReceiverResponse:
    """What to answer a delivery with. Any status of the 200s tells Attio that it need not deliver it again."""

    status: int
    message: str


class WebhookReceiver(Registering):
    """Receives webhooks: verified, kept, answered, and then handled in order, until the handlers succeed.

    Attio delivers at least once, wants its answer within 5 seconds, and gives up after some ten attempts. So a
    delivery is answered as soon as it is in the store. Handlers run after that: those of one record one event after
    the other in the order of arrival, others side by side. A handler that fails is told again, with growing pauses;
    after `HandlerRetry.attempts` failures the delivery becomes a dead letter. A delivery that comes again, by its
    Idempotency-Key, is answered and not handled again. A handler whose process dies while it runs is told again.

    ::

        receiver = WebhookReceiver(secret=..., store=SQLiteStore("hooks.db"))

        @receiver.on(RecordUpdated)
        async def changed(event: RecordUpdated) -> None: ...

        routes = [Route("/hooks/attio", receiver.asgi())]

    Handlers run as long as the receiver is used as an async context manager, best for the lifetime of the app. Without
    that they run at the end of the request that brought them something to do, and what a crash left behind waits for
    the first request.

    Args:
        secret: The webhook's secret; several while one replaces another, or when webhooks share an address.
        store: Where deliveries are kept. The default forgets them with the process: `SQLiteStore` does not.
        attio: A client for what events do not say: slugs, records, and which app we are.
        own_actors: Ids of actors that are this app, such as its API token's, for `ignore_self`. The app of the
            client's token is one without being given.
        retry: How failing handlers are told again.
        concurrency: How many records are handled side by side.
        max_body: The longest body in bytes; longer ones are answered with 413.
        max_pending: How many deliveries may wait; more are answered with 503, and Attio brings them again.
        shutdown_timeout: Seconds that handlers get to finish in the end.
        clock: Where time comes from; for tests.

    Raises:
        ConfigurationError: A secret is empty, or a number cannot work.
    """

    def __init__(
        self,
        *,
        secret: Secrets,
        store: DeliveryStore | None = None,
        attio: WorkspaceReader | None = None,
        own_actors: Iterable[str] = (),
        retry: HandlerRetry | None = None,
        concurrency: int = 10,
        max_body: int = _MEGABYTE,
        max_pending: int = 100_000,
        shutdown_timeout: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        for name, value in (
            ("concurrency", concurrency),
            ("max_body", max_body),
            ("max_pending", max_pending),
        ):
            if value < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {value!r}")
        self.max_body = max_body
        self._secrets = secrets_of(secret)
        self._store = store or MemoryStore()
        self._names = Names(attio, own_actors)
        self._clock = clock or SystemClock()
        self._max_pending = max_pending
        self._shutdown_timeout = shutdown_timeout
        self._dispatcher = Dispatcher(
            store=self._store,
            names=self._names,
            retry=retry or HandlerRetry(),
            clock=self._clock,
            concurrency=concurrency,
        )
        self._handlers = self._dispatcher.handlers
        self._recovery = anyio.Lock()
        self._is_recovered = False
        self._is_closing = False
        self._group: anyio.abc.TaskGroup | None = None

    def __repr__(self) -> str:
        return f"<WebhookReceiver {len(self._handlers)} handlers, {self.waiting} waiting>"

    @property
    def waiting(self) -> int:
        """How many accepted deliveries are not finished, as far as this process has seen."""
        return len(self._dispatcher.lanes)

    def asgi(self) -> AsgiApp:
        """An ASGI application that takes deliveries at any path: for a route, to be mounted, or to be run by itself.

        Where Starlette and FastAPI mount it they redirect an address that does not end with a slash, and Attio does
        not follow: use a route, or give Attio the address with the slash.

        It speaks the lifespan protocol, so that run by itself it needs no context manager. A mounted one is not told
        by most frameworks: use the receiver as a context manager in the outer app's lifespan.
        """
        return ReceiverApp(self)

    async def receive(self, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        """Check and keep one delivery; the answer to give to it. For servers that do not speak ASGI.

        Nothing is handled here: use the receiver as a context manager, or call `drain`.

        Args:
            headers: The request's headers, with names in lower case.
            body: The body as it arrived.
        """
        if len(body) > self.max_body:
            return ReceiverResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {self.max_body} bytes")
        given = [headers[name] for name in SIGNATURE_HEADERS if name in headers]
        if not any(verify(body, signature, self._secrets) for signature in given):
            return ReceiverResponse(HTTPStatus.UNAUTHORIZED, "wrong signature" if given else "no signature")
        if self._is_closing or self.waiting >= self._max_pending:
            return ReceiverResponse(HTTPStatus.SERVICE_UNAVAILABLE, "not now")
        delivery = Delivery(key=_key(headers), body=body, received_at=self._clock.time())
        try:
            await self._recovered()
            return await self._kept(delivery)
        except Exception:  # noqa: BLE001 - any store may be used, and Attio comes again
            _log.exception("delivery %s could not be kept", delivery.key)
            return ReceiverResponse(HTTPStatus.SERVICE_UNAVAILABLE, "not now")

    async def _kept(self, delivery: Delivery) -> ReceiverResponse:
        try:
            events = parse(delivery.body, message_id=delivery.key)
        except InvalidDelivery as error:
            # Attio signed it, so it would only send the same again.
            _log.error("delivery %s is a dead letter: %s", delivery.key, error)
            await self._store.bury(attrs.evolve(delivery, reason=str(error)))
            return ReceiverResponse(HTTPStatus.ACCEPTED, "kept, but cannot be read")
        is_new = False
        with anyio.CancelScope(shield=True):  # a sender that goes away now must not leave half of it done
            is_new = await self._store.add(delivery)
            if is_new:
                self._dispatcher.put(delivery.key, events)
        if is_new:
            return ReceiverResponse(HTTPStatus.ACCEPTED, "accepted")
        await self._line_up([delivery.key])  # should it have been kept, but not got any further
        return ReceiverResponse(HTTPStatus.OK, "known")

    async def drain(self) -> None:
        """Handle everything that waits, retries included, and return when nothing is left.

        Returns at once when handlers are run already, by the context manager or another task.
        """
        await self._recovered()
        await self._dispatcher.run(until_idle=True)

    async def after_request(self) -> None:
        """Handle what waits in the request's own time, when nothing else does; for `asgi`."""
        if not self._is_closing:
            await self._dispatcher.run(until_idle=True)

    async def dead_letters(self) -> Sequence[Delivery]:
        """The deliveries that were given up, or could not be read, with the reasons."""
        return await self._store.dead_letters()

    async def redeliver(self, key: str) -> bool:
        """Have the handlers try a dead letter again, those that finished excepted; False when there is no such one."""
        delivery = await self._store.revive(key)
        if delivery is not None:
            self._dispatcher.put(delivery.key, events_of(delivery))
        return delivery is not None

    async def _recovered(self) -> None:
        """Line up what an earlier process left, once."""
        if self._is_recovered:
            return
        async with self._recovery:
            if self._is_recovered:
                return
            keys = await self._store.pending()
            for start in range(0, len(keys), _CHUNK):
                await self._line_up(keys[start : start + _CHUNK])
            self._is_recovered = True

    async def _line_up(self, keys: Sequence[str]) -> None:
        """Line up those that are pending in the store and not lined up yet."""
        missing = [key for key in keys if key not in self._dispatcher.lanes]
        if missing:
            for delivery in await self._store.load(missing):
                self._dispatcher.put(delivery.key, events_of(delivery))

    async def __aenter__(self) -> Self:
        if self._group is not None:
            raise ConfigurationError("this receiver runs already")
        self._is_closing = False
        await self._recovered()
        self._group = anyio.create_task_group()
        await self._group.__aenter__()
        await self._group.start(self._dispatcher.run)
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take nothing new, let handlers finish what they can, and let go of the store."""
        group, self._group = self._group, None
        if group is None:
            return
        self._is_closing = True
        try:
            if exc is None:
                await self._ended()
            group.cancel_scope.cancel()
            # The group is not told of the error, since it would wrap it; returning None lets it go on as it is.
            await group.__aexit__(None, None, None)
        finally:
            if self.waiting:
                _log.warning("%d deliveries are not finished", self.waiting)
            await self._store.aclose()
            self._is_recovered = False

    async def _ended(self) -> None:
        """Wait for the handlers, but not for ever."""
        self._dispatcher.stop()
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(self._out_of_time, waiting.cancel_scope)
            await self._dispatcher.ended()
            waiting.cancel_scope.cancel()

    async def _out_of_time(self, scope: anyio.CancelScope) -> None:
        await self._clock.sleep(self._shutdown_timeout)
        scope.cancel()


def _key(headers: Mapping[str, str]) -> str:
    """What tells a message from others. Without the header nothing does: equal bodies can be two equal changes."""
    given = headers.get("idempotency-key", "").strip()
    if not given:
        return f"unnamed-{randomness.token_hex(16)}"
    if len(given) > _LONGEST_KEY:
        return f"sha256-{hashlib.sha256(given.encode()).hexdigest()}"
    return given
