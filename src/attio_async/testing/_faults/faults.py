"""What a server in trouble answers, and in what trouble it is, as values to give to `FakeAttio.fault`."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, runtime_checkable

import attrs
import msgspec

from .. import _timestamps
from .._response import FakeResponse

When = Literal["before", "after"]
RetryAfter = Literal["date", "seconds", "none", "past", "far", "garbage"]

_A_DAY = 86_400.0
_JSON = "application/json; charset=utf-8"


@attrs.frozen
class FaultedRequest:
    """A request as a fault sees it.

    Attributes:
        now: Unix time.
        perform: Carries the request out, once, and gives the true answer; a fault that does not call it leaves
            everything as it was.
    """

    now: float
    perform: Callable[[], FakeResponse]


@runtime_checkable
class Fault(Protocol):
    """What happens to a request instead of the usual."""

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        """What is answered; missing standard headers are added to it."""
        ...


def finite(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{attribute.name} must be a finite number of seconds from 0 up, not {value!r}")


def share(_: object, attribute: "attrs.Attribute[float]", value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{attribute.name} must be from 0 to 1, not {value!r}")


def _error(
    status: int, type: str, code: str, message: str, headers: Mapping[str, str] | None = None
) -> FakeResponse:
    body = {"status_code": status, "type": type, "code": code, "message": message}
    return FakeResponse(status, {"Content-Type": _JSON, **(headers or {})}, msgspec.json.encode(body))


def _retry_after(form: RetryAfter, now: float, seconds: float) -> dict[str, str]:
    """The header in one of the forms that servers give it, or none."""
    match form:
        case "date":
            return {"Retry-After": _timestamps.http_date(math.ceil(now + seconds))}
        case "seconds":
            return {"Retry-After": f"{math.ceil(seconds)}"}
        case "past":
            return {"Retry-After": _timestamps.http_date(now - seconds)}
        case "far":
            return {"Retry-After": _timestamps.http_date(now + _A_DAY)}
        case "garbage":
            return {"Retry-After": "soon"}
        case "none":
            return {}


WHEN = attrs.validators.in_(("before", "after"))
_RETRY_AFTER = attrs.validators.in_(("date", "seconds", "none", "past", "far", "garbage"))


@attrs.frozen
class TooManyRequests:
    """429: the request was refused for its rate, and not carried out.

    Args:
        retry_after: `date`, as Attio says it; `seconds`, a number; `none`; `past`, a date gone by; `far`, a date a
            day ahead; `garbage`, no date at all.
        seconds: How long to wait, for the forms that say so.
    """

    retry_after: RetryAfter = attrs.field(default="date", validator=_RETRY_AFTER)
    seconds: float = attrs.field(default=1.0, validator=finite)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        headers = _retry_after(self.retry_after, asked.now, self.seconds)
        message = "Rate limit exceeded, please try again later"
        return _error(429, "rate_limit_error", "rate_limit_exceeded", message, headers)


@attrs.frozen
class QueryScoreExceeded:
    """429: the queries of the last ten seconds cost too much; the request was not carried out.

    Args:
        retry_after: As for `TooManyRequests`.
        seconds: Likewise.
    """

    retry_after: RetryAfter = attrs.field(default="date", validator=_RETRY_AFTER)
    seconds: float = attrs.field(default=10.0, validator=finite)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        headers = _retry_after(self.retry_after, asked.now, self.seconds)
        message = "The query score limit of the workspace is exceeded, please try again later"
        return _error(429, "rate_limit_error", "rate_limit_exceeded", message, headers)


def _server_error(_: object, attribute: "attrs.Attribute[int]", value: int) -> None:
    if not 500 <= value <= 599:  # noqa: PLR2004 - what a 5xx is
        raise ValueError(f"{attribute.name} must be from 500 to 599, not {value!r}")


@attrs.frozen
class ServerFailure:
    """A 5xx of the API itself, with a JSON body.

    Args:
        status: From 500 to 599.
        when: `before` the request was carried out, so that nothing has changed, or `after`.
        retry_after: Seconds for the header Retry-After; None for no such header.
    """

    status: int = attrs.field(default=500, validator=_server_error)
    when: When = attrs.field(default="before", validator=WHEN)
    retry_after: float | None = None

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        if self.when == "after":
            asked.perform()
        headers = (
            {} if self.retry_after is None else _retry_after("date", asked.now, max(self.retry_after, 0.0))
        )
        message = "Something went wrong on our side."
        return _error(self.status, "api_error", "internal_error", message, headers)


@attrs.frozen
class ProxyFailure:
    """An HTML page of a proxy in front of the API, such as 502, 520 or 524.

    Args:
        status: The HTTP status.
        when: `before` the request was carried out, so that nothing has changed, or `after`.
    """

    status: int = 520
    when: When = attrs.field(default="before", validator=WHEN)

    def answer(self, asked: FaultedRequest) -> FakeResponse:
        if self.when == "after":
            asked.perform()
        page = (
            f"<!DOCTYPE html>\n<html><head><title>Error {self.status}</title></head>"
            "<body><h1>Web server is returning an unknown error</h1></body></html>\n"
        )
        return FakeResponse(self.status, {"Content-Type": "text/html; charset=UTF-8"}, page.encode())


@attrs.frozen
class FixedResponse:
    """This, whatever is asked; nothing is carried out.

    Args:
        status: The HTTP status.
        body: Sent as it is, or as JSON.
        headers: Besides, and over, those that every answer has.
    """

    status: int
    body: bytes | Mapping[str, Any] = b""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def answer(self, asked: FaultedRequest) -> FakeResponse:  # noqa: ARG002 - the same for every request
        encoded = self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)
        return FakeResponse(self.status, self.headers, encoded)


@attrs.frozen
class UnreliableDeliveries:
    """What goes wrong with deliveries of webhooks.

    Args:
        duplicate: The share of deliveries that are made twice, from 0 to 1.
        delay: Seconds that a delivery is late at most; how late each one is follows from the fake's seed.
        reorder: The share of deliveries that the next one overtakes, from 0 to 1.
    """

    duplicate: float = attrs.field(default=0.0, validator=share)
    delay: float = attrs.field(default=0.0, validator=finite)
    reorder: float = attrs.field(default=0.0, validator=share)
