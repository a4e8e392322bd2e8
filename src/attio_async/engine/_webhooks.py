"""Webhooks of all tenants: one application stores their deliveries, and one job of each tenant handles them."""

import inspect
import logging
import secrets as randomness
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import attrs
import msgspec

from .._utils.asgi import AsgiMessage, AsgiReceive, AsgiSend
from .._utils.clock import SystemClock
from .._utils.secret import Secret, guarded
from .._utils.shield import finish
from ..errors import AuthenticationFailed, ConfigurationError, InvalidDelivery
from ..webhooks import Delivery, HandlerOptions, HandlerRetry, Secrets, parse, verify
from ..webhooks._asgi import ReceiverApp, ReceiverResponse, too_large
from ..webhooks._dispatcher import Dispatcher, lanes_of
from ..webhooks._match import EventType, Handler, Matcher, check_conditions, event_classes
from ..webhooks._receiver import delivery_key, handler_name
from ..webhooks._stores.base import REMEMBER_S
from ..webhooks._verify import SIGNATURE_HEADERS, secrets_of
from ._job import Job, Postponed

JOB = "webhooks"
"""The job that handles the deliveries of a tenant."""
WebhookSecrets = Callable[[str], Awaitable[Secrets | None]]
"""Returns the secrets of the webhooks of a tenant; None for a tenant that has none."""

_MAX_TENANT_CHARS = 200
_HANDLED_AT_ONCE = 500
"""Deliveries that one run handles before others of the tenant get their turn."""
_CONCURRENCY = 10
"""Records of a tenant whose events are handled concurrently."""
_MAX_BYTES_AT_ONCE = 16 * 1024 * 1024
_MAX_HELD = 10_000
_RETRY = HandlerRetry(attempts=10, base=5.0, cap=3600.0)
"""Together more than an hour."""
_AUTHENTICATION = frozenset({"AuthenticationFailed", "TokenInactive"})

_TRY_LATER = ReceiverResponse(HTTPStatus.SERVICE_UNAVAILABLE, "try again later")
_UNSIGNED = ReceiverResponse(HTTPStatus.UNAUTHORIZED, "the signature is wrong or missing")
_ACCEPTED = ReceiverResponse(HTTPStatus.ACCEPTED, "accepted")
_ACCEPTED_BEFORE = ReceiverResponse(HTTPStatus.OK, "accepted before")
_GONE = ReceiverResponse(HTTPStatus.GONE, "the tenant does not exist")

_log = logging.getLogger("attio_async")


Deliver = Callable[[str, Delivery, bool], Awaitable[bool | None]]
"""Stores a delivery of a tenant, and files the run that handles it; the last argument is True if it is invalid.

Returns False if its key is known, and None if the tenant is not.
"""
Ask = Callable[..., Awaitable[list[dict[str, Any]]]]
"""Runs a statement by its name, and returns its rows."""


class WebhooksApp:
    """An ASGI application that takes the deliveries of all tenants; the last part of the path is the tenant.

    It is an object because frameworks treat a function as a request handler of their own.
    """

    def __init__(self, secrets: WebhookSecrets, deliver: Deliver, *, max_body: int) -> None:
        self._secrets = secrets
        self._deliver = deliver
        self._max_body = max_body
        self._nobody = Secret(randomness.token_hex(32))

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        tenant = _tenant_of(scope) if scope["type"] == "http" else ""
        app = ReceiverApp(
            partial(self._receive, tenant),
            lifespan=nullcontext(),
            after_response=_nothing,
            max_body=self._max_body,
        )
        await app(scope, receive, send)

    async def _receive(self, tenant: str, headers: Mapping[str, str], body: bytes) -> ReceiverResponse:
        if len(body) > self._max_body:
            return too_large(self._max_body)
        try:
            if not await self._is_signed(tenant, headers, body):
                return _UNSIGNED
            return await self._accept(tenant, Delivery(key=delivery_key(headers), body=body, received_at=0.0))
        except Exception:  # noqa: BLE001 - the secrets are the application's own, and Attio retries
            _log.exception("a delivery for tenant %r could not be stored", tenant)
            return _TRY_LATER

    @guarded
    async def _is_signed(self, tenant: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Return True if the body is signed with a secret of the tenant.

        A tenant without secrets takes as long as one with a secret, and is answered as a wrong signature is.
        """
        secrets: Secrets | None = None
        if 0 < len(tenant) <= _MAX_TENANT_CHARS and "\0" not in tenant:
            with suppress(LookupError):
                secrets = await self._secrets(tenant)
        known = secrets_of(secrets) if secrets else None
        signatures = [headers[name] for name in SIGNATURE_HEADERS if name in headers]
        matches = [verify(body, each, known or self._nobody.reveal()) for each in signatures]
        return known is not None and any(matches)

    async def _accept(self, tenant: str, delivery: Delivery) -> ReceiverResponse:
        invalid = False
        try:
            parse(delivery.body, message_id=delivery.key)
        except InvalidDelivery:
            # The signature is right, so a retry would bring the same body.
            _log.error("delivery %s of tenant %r is a dead letter: it is invalid", delivery.key, tenant)
            invalid = True
        is_new = await finish(lambda: self._store(tenant, delivery, invalid=invalid))
        if is_new is None:
            return _GONE
        return _ACCEPTED if is_new else _ACCEPTED_BEFORE

    async def _store(self, tenant: str, delivery: Delivery, *, invalid: bool) -> bool | None:
        return await self._deliver(tenant, delivery, invalid)


class WebhookHandlers:
    """The functions that handle the deliveries of all tenants, and the job that calls them."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._handlers: list[Handler] = []

    def register(
        self, types: Iterable[EventType], name: str | None, options: HandlerOptions, *, takes_bursts: bool
    ) -> Callable[[Any], Any]:
        """Return the decorator that registers a handler."""
        classes = event_classes(types)

        def register(function: Any) -> Any:
            if not inspect.iscoroutinefunction(function):
                raise ConfigurationError(f"a handler must be an async function, and {function!r} is not")
            handler = Handler(
                name=name or handler_name(function),
                function=function,
                takes_bursts=takes_bursts,
                types=classes,
                **options,
            )
            check_conditions(handler)
            if any(handler.name == other.name for other in self._handlers):
                raise ConfigurationError(f"another handler is named {handler.name!r}: give this one a name=")
            self._handlers.append(handler)
            return function

        return register

    async def handle(self, job: Job) -> None:
        """Handle what is due of a tenant: in the order of arrival for each record, concurrently across records.

        Raises:
            Postponed: Something is left, to be handled when it is due.
            AuthenticationFailed: The token of the tenant was revoked.
        """
        pending = _TenantDeliveries(self._ask, job, [handler.name for handler in self._handlers])
        dispatcher = Dispatcher(
            store=pending,
            matcher=Matcher(job.attio),
            retry=HandlerRetry(attempts=1),
            clock=SystemClock(),
            concurrency=_CONCURRENCY,
            is_last=False,
        )
        dispatcher.handlers.extend(
            attrs.evolve(handler, function=partial(handler.function, job)) for handler in self._handlers
        )
        for delivery in await pending.due():
            dispatcher.put_stored(delivery)
        await dispatcher.run(until_idle=True)
        await pending.close()


class _TenantDeliveries:
    """The pending deliveries of a tenant, as one run handles them: each is tried once.

    One that failed waits for its retry without the run, and so do later ones about the same record.
    """

    def __init__(self, ask: Ask, job: Job, handlers: Sequence[str]) -> None:
        self._ask_store = ask
        self._job = job
        self._handlers = handlers
        self._attempts: dict[str, int] = {}
        self._held: dict[str, float] = {}
        """The seconds that the deliveries of a lane wait for."""
        self._revoked: AuthenticationFailed | None = None

    async def due(self) -> Sequence[Delivery]:
        """Return what is due, the oldest first."""
        await self._ask("revive_deliveries")
        for row in await self._ask("held_deliveries", limit=_MAX_HELD):
            self._hold(lanes_of_body(row["body"], row["key"]), row["delay"])
        rows = await self._ask("due_deliveries", limit=_HANDLED_AT_ONCE, max_bytes=_MAX_BYTES_AT_ONCE)
        return await self.load([row["key"] for row in rows])

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """Return those that may be handled now; none if this worker was superseded or is being stopped."""
        if self._revoked is not None or self._job.is_stopping:
            return []
        rows = {row["key"]: row for row in await self._ask("load_deliveries", keys=list(keys))}
        found: list[Delivery] = []
        for key in keys:
            if key not in rows:
                continue
            delivery = _delivery(rows[key])
            lanes = lanes_of_body(delivery.body, key)
            delay = max((self._held[lane] for lane in lanes if lane in self._held), default=None)
            if delay is None:
                self._attempts[key] = delivery.attempts
                found.append(attrs.evolve(delivery, attempts=0))
            else:
                self._hold(lanes, delay)
                await self._ask("hold_deliveries", keys=[key], delay=delay)
        return found

    async def save(self, delivery: Delivery) -> None:
        """Store the steps that are done."""
        await self._ask("save_delivery", key=delivery.key, done=_done(delivery))

    async def finish(self, keys: Sequence[str]) -> None:
        """Delete the bodies of deliveries, and remember their keys."""
        rows = await self._ask("finish_deliveries", keys=list(keys))
        self._job.counts["handled"] += rows[0]["rowcount"]

    async def bury(self, delivery: Delivery) -> None:
        """Let a delivery wait for its retry, or make it a dead letter after the last one."""
        kind = self._kind(delivery.reason or "")
        if kind in _AUTHENTICATION and await self._is_revoked():
            return  # it is handled once the tenant is resumed
        attempts = self._attempts.get(delivery.key, 0) + 1
        words: dict[str, Any] = {
            "key": delivery.key,
            "done": _done(delivery),
            "reason": delivery.reason,
            "attempts": attempts,
        }
        if attempts < _RETRY.attempts:
            delay = _RETRY.backoff(attempts)
            await self._ask("fail_delivery", delay=delay, **words)
            self._hold(lanes_of_body(delivery.body, delivery.key), delay)
            return
        _log.error("delivery %s of tenant %r is a dead letter", delivery.key, self._job.tenant)
        why = f"a handler of webhooks failed {attempts} times"  # and no value of the delivery
        await self._ask("bury_delivery", job=JOB, error=kind, why=why, **words)

    async def close(self) -> None:
        """Forget old keys, and see what is left.

        Raises:
            Postponed: Something is left.
            AuthenticationFailed: The token was revoked.
        """
        if self._revoked is not None:
            raise self._revoked
        await self._ask("forget_deliveries", keep=REMEMBER_S, limit=2 * _HANDLED_AT_ONCE)
        (row,) = await self._ask("next_delivery")
        if row["delay"] is not None:
            raise Postponed(max(row["delay"], 0.0))

    def _hold(self, lanes: Iterable[str], delay: float) -> None:
        for lane in lanes:
            self._held[lane] = max(delay, self._held.get(lane, 0.0))

    def _kind(self, reason: str) -> str:
        """Return the class of the error in the reason of a failure."""
        named = (
            reason.removeprefix(f"{name}: ") for name in self._handlers if reason.startswith(f"{name}: ")
        )
        return next(named, reason).partition(":")[0]

    async def _is_revoked(self) -> bool:
        try:
            await self._job.attio.identify()
        except AuthenticationFailed as error:
            self._revoked = error
        return self._revoked is not None

    async def _ask(self, name: str, **words: Any) -> list[dict[str, Any]]:
        ours = {"tenant": self._job.tenant, "job_run": int(self._job.run), "epoch": self._job.epoch}
        return await self._ask_store(name, **ours, **words)


def lanes_of_body(body: bytes, key: str) -> frozenset[str]:
    """Return the records that a delivery is about."""
    try:
        return frozenset(lane for event in parse(body, message_id=key) for lane in lanes_of(event))
    except InvalidDelivery:
        return frozenset()


def _delivery(row: Mapping[str, Any]) -> Delivery:
    return Delivery(
        key=row["key"],
        body=bytes(row["body"]),
        received_at=row["received_at"],
        done=frozenset(msgspec.json.decode(row["done"], type=list[str])),
        attempts=row["attempts"],
        reason=row["reason"],
    )


def _done(delivery: Delivery) -> str:
    return msgspec.json.encode(sorted(delivery.done)).decode()


def _tenant_of(scope: AsgiMessage) -> str:
    """Return the tenant that a request is for: the path below where the application is mounted."""
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    if root and path.startswith(f"{root}/"):
        path = path[len(root) :]
    return path.strip("/")


async def _nothing() -> None:
    """Do nothing after a response: workers handle what was stored."""
