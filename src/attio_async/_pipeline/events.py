"""What can be watched, and what can be put around each request.

Hooks are called and must be quick; they see events and change nothing. Middleware is awaited around each
attempt, sees the request without its token, and may change it, answer in its place, or fail.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence

import attrs

from .._limits.limiter import Bucket, Lane
from .._transport.messages import Request, Response

_log = logging.getLogger("attio_async")


@attrs.frozen(kw_only=True)
class AttemptEnded:
    """One attempt got its answer (`status`), or none (`error` says why)."""

    operation: str
    method: str
    path: str
    attempt: int
    status: int | None
    error: str | None
    waited: float
    seconds: float


@attrs.frozen(kw_only=True)
class RetryScheduled:
    """The request will be sent again in `delay` seconds."""

    operation: str
    attempt: int
    delay: float
    reason: str


@attrs.frozen(kw_only=True)
class BucketPaused:
    """So many requests were refused at once that the whole bucket waits for `seconds`."""

    bucket: Bucket
    seconds: float


@attrs.frozen(kw_only=True)
class PermitAwaited:
    """The request waited `seconds` for its permit and a connection, and is sent now."""

    operation: str
    bucket: Bucket
    seconds: float


@attrs.frozen(kw_only=True)
class LimitLowered:
    """The server refuses what is below its documented `limit`; from now on `rate` per second are sent."""

    bucket: Bucket
    limit: float
    rate: float


@attrs.frozen(kw_only=True)
class LimitRestored:
    """The documented limit holds again."""

    bucket: Bucket


Event = AttemptEnded | RetryScheduled | BucketPaused | PermitAwaited | LimitLowered | LimitRestored
Hook = Callable[[Event], None]
Send = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Request, Send], Awaitable[Response]]


class Hooks:
    """The hooks of one client, called in order."""

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._hooks = tuple(hooks)

    def emit(self, event: Event) -> None:
        for hook in self._hooks:
            try:
                hook(event)
            except Exception:  # noqa: BLE001 - a watcher that fails must not cost the caller the answer it watched
                _log.exception("a hook failed on %s", type(event).__name__)


def report_changed_limit(lane: Lane, hooks: Hooks) -> None:
    """Tell, once each, that the server lowered the limit of this lane, and that it no longer does."""
    stats, governor = lane.stats[0], lane.pool.governor
    for seconds in lane.pauses_heard():
        stats.pauses += 1
        hooks.emit(BucketPaused(bucket=lane.blamed, seconds=seconds))
    if stats.lowered == (governor.scale < 1):
        return
    stats.lowered = not stats.lowered
    if stats.lowered:
        _log.warning(
            "Attio refuses less than its documented limit of %g per second (%s); sending %.1f per second",
            stats.limit,
            lane.blamed,
            governor.rate,
        )
        hooks.emit(LimitLowered(bucket=lane.blamed, limit=stats.limit, rate=governor.rate))
    else:
        _log.info("Attio accepts its documented limit of %g per second again (%s)", stats.limit, lane.blamed)
        hooks.emit(LimitRestored(bucket=lane.blamed))


def wrap(middleware: Sequence[Middleware], send: Send) -> Send:
    """The function that runs the first middleware around the second, and so on down to `send`."""
    for layer in reversed(middleware):
        send = _bind(layer, send)
    return send


def _bind(layer: Middleware, inner: Send) -> Send:
    async def call(request: Request) -> Response:
        return await layer(request, inner)

    return call
