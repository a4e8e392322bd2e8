"""Hooks and middleware.

Hooks are called with events; they must be quick and change nothing. Middleware is awaited around each attempt. It gets the
request without its token, and may change it, return a response of its own, or raise an error.
"""

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import attrs

from attio_async_api.operations import Operation

from .._limits.lane import Bucket, Lane
from .._transport.messages import Request, Response
from .._utils.callbacks import check_sync
from .._utils.public import public
from ..errors import ConfigurationError

_log = logging.getLogger("attio_async")

_LOGGED_WAIT_S = 1.0
"""A wait of at least this length is logged by itself. A job at the full rate has shorter ones all the time."""


@public
@attrs.frozen(kw_only=True)
class AttemptEnded:
    """One attempt got its response (`status`), or none (`error` says why).

    Attributes:
        operation: The id of the operation, such as "query_records".
        method, path: The request.
        attempt: Its number; 1 is the first.
        status: The HTTP status; None if no response arrived.
        error: Why no response arrived; None if one did.
        waited: Seconds that the attempt waited for its permits and a connection.
        seconds: Seconds from sending to the response or the failure.
    """

    operation: str
    method: str
    path: str
    attempt: int
    status: int | None
    error: str | None
    waited: float
    seconds: float


@public
@attrs.frozen(kw_only=True)
class RetryScheduled:
    """The request is retried in `delay` seconds. `reason` is a status, an error code or the name of an error."""

    operation: str
    attempt: int
    delay: float
    reason: str


@public
@attrs.frozen(kw_only=True)
class BucketPaused:
    """Several requests got a 429 within a second, so the whole bucket waits for `seconds`."""

    bucket: Bucket
    seconds: float


@public
@attrs.frozen(kw_only=True)
class PermitAwaited:
    """The request waited `seconds` for its permits and a connection, and is sent now."""

    operation: str
    bucket: Bucket
    seconds: float


@public
@attrs.frozen(kw_only=True)
class LimitLowered:
    """The server sends 429s below its documented `limit`, so only `rate` requests per second are sent from now on."""

    bucket: Bucket
    limit: float
    rate: float


@public
@attrs.frozen(kw_only=True)
class LimitRestored:
    """The documented limit holds again."""

    bucket: Bucket


HookEvent = AttemptEnded | RetryScheduled | BucketPaused | PermitAwaited | LimitLowered | LimitRestored
Hook = Callable[[HookEvent], None]
Send = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Request, Send], Awaitable[Response]]


class Hooks:
    """The hooks of one client, called in order."""

    def __init__(self, hooks: Sequence[Hook]) -> None:
        for hook in hooks:
            check_sync(hook, "each of hooks")
        self._hooks = tuple(hooks)

    def __bool__(self) -> bool:
        """Return True if there are hooks; without, most events are not even made."""
        return bool(self._hooks)

    def emit(self, event: HookEvent) -> None:
        for hook in self._hooks:
            try:
                hook(event)
            except Exception:  # noqa: BLE001 - a failing hook must not cost the caller the response
                _log.exception("a hook failed on %s", type(event).__name__)


def logs_attempts() -> bool:
    """Return True if attempts are logged."""
    return _log.isEnabledFor(logging.DEBUG)


def log_attempt(operation: Operation, attempt: AttemptEnded, outcome: str) -> None:
    """Log one attempt: its template of a path, since the path itself has ids, and no value."""
    if logs_attempts():
        _log.debug(
            "%s %s %s %.0f ms, attempt %d, waited %.0f ms",
            operation.method,
            operation.path,
            outcome,
            attempt.seconds * 1000,
            attempt.attempt,
            attempt.waited * 1000,
        )


def log_retry(operation: Operation, attempt: int, delay: float, reason: str) -> None:
    """Log that a request is retried, and why."""
    _log.info(
        "retrying %s %s in %.2f s after attempt %d: %s",
        operation.method,
        operation.path,
        delay,
        attempt,
        reason,
    )


def log_wait(operation: Operation, waited: float) -> None:
    """Log that a request waited long; the short waits that pace requests are in the line of the attempt."""
    if waited >= _LOGGED_WAIT_S:
        _log.info(
            "%s %s waited %.1f s for its permits and a connection", operation.method, operation.path, waited
        )


def report_limit_changes(lane: Lane, hooks: Hooks) -> None:
    """Report, once each, that the server lowered the limit of this lane, and that it restored it."""
    stats, governor = lane.stats[0], lane.pool.governor
    for seconds in lane.take_pauses():
        stats.pauses += 1
        hooks.emit(BucketPaused(bucket=lane.blamed, seconds=seconds))
    if stats.lowered == (governor.scale < 1):
        return
    stats.lowered = not stats.lowered
    if stats.lowered:
        _log.warning(
            "Attio is rate-limiting below its documented limit of %g per second (%s); sending %.1f per second",
            stats.limit,
            lane.blamed,
            governor.rate,
        )
        hooks.emit(LimitLowered(bucket=lane.blamed, limit=stats.limit, rate=governor.rate))
    else:
        _log.info("Attio allows its documented limit of %g per second again (%s)", stats.limit, lane.blamed)
        hooks.emit(LimitRestored(bucket=lane.blamed))


def wrap(middleware: Sequence[Middleware], send: Send) -> Send:
    """Return a function that runs the first middleware around the second, and so on down to `send`."""
    for layer in reversed(middleware):
        send = _bind(layer, send)
    return send


def _bind(layer: Middleware, inner: Send) -> Send:
    async def call(request: Request) -> Response:
        pending = cast("Any", layer)(request, inner)  # callers may not be typed
        response = (await pending) if inspect.isawaitable(pending) else pending
        if not isinstance(response, Response):
            name = getattr(layer, "__qualname__", type(layer).__qualname__)
            raise ConfigurationError(
                f"a middleware returned {type(response).__name__} instead of a response: {name} must return what "
                "`await send(request)` gives"
            )
        return response

    return call
