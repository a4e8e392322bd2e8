"""Faults of servers, webhooks and the network: values for `FakeAttio.fault`."""

import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import attrs
import msgspec

from .._utils.public import public
from . import _timestamps
from ._response import FakeResponse, Transit, TransitEnd

FaultTime = Literal["before", "after"]
RetryAfterForm = Literal["date", "seconds", "none", "past", "far", "garbage"]

_DAY_S = 86_400.0
_JSON = "application/json; charset=utf-8"
_SERVER_ERRORS = range(500, 600)

check_when = attrs.validators.in_(("before", "after"))
_check_retry_after = attrs.validators.in_(("date", "seconds", "none", "past", "far", "garbage"))


@public
@attrs.frozen
class FaultedRequest:
    """A request as a fault sees it.

    Attributes:
        now: Unix time.
        perform: Carries out the request, once, and returns the true response. Without a call nothing changes.
    """

    now: float
    perform: Callable[[], FakeResponse]


@public
@runtime_checkable
class Fault(Protocol):
    """A fault, which answers a request in place of the API."""

    def answer(self, request: FaultedRequest) -> FakeResponse:
        """Return the response; missing standard headers are added to it."""
        ...


def check_seconds(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    """Refuse a number of seconds that is negative or not finite."""
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{attribute.name} must be a finite number of seconds from 0 up, not {value!r}")


def check_share(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    """Refuse a share that is not from 0 to 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{attribute.name} must be from 0 to 1, not {value!r}")


def _check_server_error(_: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    if value not in _SERVER_ERRORS:
        raise ValueError(f"{attribute.name} must be from 500 to 599, not {value!r}")


def _error(status: int, type: str, code: str, message: str, headers: Mapping[str, str]) -> FakeResponse:
    body = {"status_code": status, "type": type, "code": code, "message": message}
    return FakeResponse(status, {"Content-Type": _JSON, **headers}, msgspec.json.encode(body))


def _retry_after(form: RetryAfterForm, now: float, seconds: float) -> dict[str, str]:
    """Return the header Retry-After in one of the forms that servers send, or none."""
    match form:
        case "date":
            return {"Retry-After": _timestamps.http_date(math.ceil(now + seconds))}
        case "seconds":
            return {"Retry-After": f"{math.ceil(seconds)}"}
        case "past":
            return {"Retry-After": _timestamps.http_date(now - seconds)}
        case "far":
            return {"Retry-After": _timestamps.http_date(now + _DAY_S)}
        case "garbage":
            return {"Retry-After": "soon"}
        case "none":
            return {}


@public
@attrs.frozen
class TooManyRequests:
    """429: the request was rate-limited, and not carried out.

    Args:
        retry_after: `date`, as Attio sends it; `seconds`, a number; `none`; `past`, a date in the past; `far`, a date
            one day ahead; `garbage`, an invalid date.
        seconds: How long to wait, for the forms that say so.
    """

    retry_after: RetryAfterForm = attrs.field(default="date", validator=_check_retry_after)
    seconds: float = attrs.field(default=1.0, validator=check_seconds)

    _message: ClassVar[str] = "Rate limit exceeded, please try again later"

    def answer(self, request: FaultedRequest) -> FakeResponse:
        headers = _retry_after(self.retry_after, request.now, self.seconds)
        return _error(429, "rate_limit_error", "rate_limit_exceeded", self._message, headers)


@public
@attrs.frozen
class QueryScoreExceeded(TooManyRequests):
    """429: the queries of the last ten seconds cost too much. The request was not carried out.

    Args:
        retry_after: See `TooManyRequests`.
        seconds: See `TooManyRequests`.
    """

    seconds: float = attrs.field(default=10.0, validator=check_seconds)

    _message = "The query score limit of the workspace is exceeded, please try again later"


@public
@attrs.frozen
class ServerFailure:
    """A 5xx of the API itself, with a JSON body.

    Args:
        status: From 500 to 599.
        when: `before` the request was carried out, so that nothing has changed, or `after`.
        retry_after: Seconds for the header Retry-After. Default: no such header.
    """

    status: int = attrs.field(default=500, validator=_check_server_error)
    when: FaultTime = attrs.field(default="before", validator=check_when)
    retry_after: float | None = None

    def answer(self, request: FaultedRequest) -> FakeResponse:
        if self.when == "after":
            request.perform()
        seconds = self.retry_after
        headers = {} if seconds is None else _retry_after("date", request.now, max(seconds, 0.0))
        return _error(
            self.status, "api_error", "internal_error", "Something went wrong on our side.", headers
        )


@public
@attrs.frozen
class ProxyFailure:
    """An HTML page of a proxy in front of the API, such as 502, 520 or 524.

    Args:
        status: The HTTP status.
        when: `before` the request was carried out, so that nothing has changed, or `after`.
    """

    status: int = 520
    when: FaultTime = attrs.field(default="before", validator=check_when)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        if self.when == "after":
            request.perform()
        page = (
            f"<!DOCTYPE html>\n<html><head><title>Error {self.status}</title></head>"
            "<body><h1>Web server is returning an unknown error</h1></body></html>\n"
        )
        return FakeResponse(self.status, {"Content-Type": "text/html; charset=UTF-8"}, page.encode())


@public
@attrs.frozen
class FixedResponse:
    """This response, whatever the request. It is not carried out.

    Args:
        status: The HTTP status.
        body: The body as it is, or an object to be sent as JSON.
        headers: Headers besides, and instead of, the standard ones.
    """

    status: int
    body: bytes | Mapping[str, Any] = b""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def answer(self, request: FaultedRequest) -> FakeResponse:  # noqa: ARG002 - the same for every request
        encoded = self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)
        return FakeResponse(self.status, self.headers, encoded)


@public
@attrs.frozen
class UnreliableDeliveries:
    """Webhook deliveries that arrive twice, late, or out of order.

    Args:
        duplicate: The share of deliveries that are made twice, from 0 to 1.
        delay: The greatest delay in seconds; that of each delivery is drawn from the fake's seed.
        reorder: The share of deliveries that the next one overtakes, from 0 to 1.
    """

    duplicate: float = attrs.field(default=0.0, validator=check_share)
    delay: float = attrs.field(default=0.0, validator=check_seconds)
    reorder: float = attrs.field(default=0.0, validator=check_share)


@public
@attrs.frozen
class Truncated:
    """The request is carried out, and the connection ends in the middle of the response body.

    Args:
        kept: The share of the body that arrives.
    """

    kept: float = attrs.field(default=0.5, validator=check_share)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return attrs.evolve(request.perform(), transit=Transit(end="cut", kept=self.kept))


@public
@attrs.frozen
class Garbled:
    """The request is carried out, and the response is complete HTTP, but its body is not valid JSON."""

    def answer(self, request: FaultedRequest) -> FakeResponse:
        true = request.perform()
        return attrs.evolve(true, body=true.body[: len(true.body) // 2] + b"\x00")


@public
@attrs.frozen
class WrongContentType:
    """The request is carried out, and the true response has another content type."""

    content_type: str = "text/html; charset=utf-8"

    def answer(self, request: FaultedRequest) -> FakeResponse:
        true = request.perform()
        others = {name: value for name, value in true.headers.items() if name.lower() != "content-type"}
        return attrs.evolve(true, headers={**others, "Content-Type": self.content_type})


@public
@attrs.frozen
class SlowFirstByte:
    """The request is carried out, and the response begins that many seconds later."""

    seconds: float = attrs.field(validator=check_seconds)

    def answer(self, request: FaultedRequest) -> FakeResponse:
        return attrs.evolve(request.perform(), transit=Transit(wait=self.seconds))


@public
@attrs.frozen
class SlowBody:
    """The request is carried out, and the response body arrives slowly.

    Args:
        seconds: How long the whole body takes.
        pieces: The number of pieces that it arrives in, at equal intervals.
    """

    seconds: float = attrs.field(validator=check_seconds)
    pieces: int = attrs.field(default=8, validator=attrs.validators.ge(1))

    def answer(self, request: FaultedRequest) -> FakeResponse:
        transit = Transit(pieces=self.pieces, pause=self.seconds / self.pieces)
        return attrs.evolve(request.perform(), transit=transit)


@attrs.frozen
class _NoResponse:
    """A fault of a connection that delivers no response."""

    when: FaultTime = attrs.field(default="after", validator=check_when)

    _end: ClassVar[TransitEnd] = "silence"

    def answer(self, request: FaultedRequest) -> FakeResponse:
        # The status of the response that is lost, or 0 if there was none.
        status = request.perform().status if self.when == "after" else 0
        return FakeResponse(status, {}, b"", Transit(end=self._end))


@public
@attrs.frozen
class ConnectionReset(_NoResponse):
    """The connection is reset without a response.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """

    _end = "reset"


@public
@attrs.frozen
class NoAnswer(_NoResponse):
    """The connection stays open without a response, until the client times out.

    Args:
        when: `before` the request was carried out, or `after`. A client cannot tell which.
    """


@public
@attrs.frozen
class ConnectionRefused:
    """No connection is established, so nothing is sent. A served fake can only reset the connection."""

    def answer(self, request: FaultedRequest) -> FakeResponse:  # noqa: ARG002 - nothing is sent
        return FakeResponse(0, {}, b"", Transit(end="refused"))
