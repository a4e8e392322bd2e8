"""Meters of the requests of a block, and the responses beside their results."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from http import HTTPStatus
from typing import Generic, Protocol, TypeVar

import attrs

from attio_async_api.json_data import JsonData

from .._transport.messages import Content, Request, Response, Sink
from .._utils.json import UnwritableJson, encode_json
from .._utils.public import public
from .events import AttemptEnded

T = TypeVar("T")


@public
@attrs.frozen(kw_only=True)
class ResponseInfo(JsonData):
    """A successful response, without its body.

    Attributes:
        operation: The id of the operation, such as "query_records".
        status: The HTTP status.
        headers: The headers, with lower-case names.
        attempts: How many attempts it took.
        seconds: Seconds from the call to the response, with all waits and retries.
    """

    operation: str
    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    attempts: int
    seconds: float

    @property
    def execution_id(self) -> str | None:
        """Attio's id of the request, for their support."""
        return self.headers.get("x-attio-execution-id")


@public
@attrs.frozen(kw_only=True)
class Answered(JsonData, Generic[T]):
    """A result, and the responses that it was made of.

    `status`, `headers`, `execution_id`, `attempts` and `seconds` are those of the last response.

    Attributes:
        result: The result.
        responses: The responses in the order of their arrival: to the schema reads that the result needed, and to its
            pages, if it has several. Empty if nothing was sent.
    """

    result: T
    responses: tuple[ResponseInfo, ...]

    @property
    def status(self) -> int | None:
        """The HTTP status; None if nothing was sent."""
        return self.responses[-1].status if self.responses else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, with lower-case names."""
        return self.responses[-1].headers if self.responses else {}

    @property
    def execution_id(self) -> str | None:
        """Attio's id of the request, for their support."""
        return self.responses[-1].execution_id if self.responses else None

    @property
    def attempts(self) -> int:
        """The number of attempts that the request took."""
        return self.responses[-1].attempts if self.responses else 0

    @property
    def seconds(self) -> float:
        """Seconds from the call to the response, with all waits and retries."""
        return self.responses[-1].seconds if self.responses else 0.0


@public
@attrs.define(kw_only=True)
class RequestMeter(JsonData):
    """Counts of the requests of a block; they grow while it runs.

    Attributes:
        requests: Requests that were sent, each retry included.
        retries: Requests that were sent again, for any reason.
        rate_limited: Responses with status 429.
        failures: Requests without a response.
        waits: Requests that waited for their permits, a connection or a retry.
        waited: Seconds that they waited, in all.
        seconds: Seconds from sending to the response, in all; more than the block took if requests ran side by side.
        bytes_sent: Bytes of the bodies sent.
        bytes_received: Bytes of the bodies received, compressed where the response tells its length.
    """

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    failures: int = 0
    waits: int = 0
    waited: float = 0.0
    seconds: float = 0.0
    bytes_sent: int = 0
    bytes_received: int = 0


@attrs.frozen
class MeterRecorder:
    """Counts in a meter."""

    meter: RequestMeter

    def attempted(self, attempt: AttemptEnded, delay: float, traffic: "Traffic") -> None:
        """Count one attempt, which waited `delay` seconds for a retry first."""
        meter, waited = self.meter, attempt.waited + delay
        meter.requests += 1
        meter.retries += attempt.attempt > 1
        meter.rate_limited += attempt.status == HTTPStatus.TOO_MANY_REQUESTS
        meter.failures += attempt.status is None
        meter.waits += waited > 0
        meter.waited += waited
        meter.seconds += attempt.seconds
        meter.bytes_sent += traffic.sent
        meter.bytes_received += traffic.received

    def answered(self, info: ResponseInfo) -> None:
        """Ignore the response: its attempt was counted."""


@attrs.define
class ResponseLog:
    """Collects the responses of a block."""

    responses: list[ResponseInfo] = attrs.field(factory=list[ResponseInfo])

    def attempted(self, attempt: AttemptEnded, delay: float, traffic: "Traffic") -> None:
        """Ignore the attempt: `ResponseInfo` has their number."""

    def answered(self, info: ResponseInfo) -> None:
        """Add a response."""
        self.responses.append(info)


class Recorder(Protocol):
    """Is told of the requests of a block."""

    def attempted(self, attempt: AttemptEnded, delay: float, traffic: "Traffic") -> None:
        """Take note of an attempt that ended."""
        ...

    def answered(self, info: ResponseInfo) -> None:
        """Take note of a successful response."""
        ...


_recorders: ContextVar[tuple[tuple[object, Recorder], ...]] = ContextVar("attio_recorders", default=())


@contextmanager
def recording(source: object, recorder: Recorder) -> Generator[None]:
    """Tell `recorder` of the requests of a source that are made in a block, and in tasks started there."""
    token = _recorders.set((*_recorders.get(), (source, recorder)))
    try:
        yield
    finally:
        _recorders.reset(token)


def recorders_of(source: object) -> tuple[Recorder, ...]:
    """Return the recorders of the blocks that the caller is in."""
    found = _recorders.get()
    return tuple(recorder for of, recorder in found if of is source) if found else ()


@attrs.define
class Traffic:
    """The bytes of the bodies of one attempt, counted only for recorders."""

    recorders: tuple[Recorder, ...]
    sent: int = 0
    received: int = 0

    def counting(self, request: Request) -> Request:
        """Count the body of a request, and return the request to send, which counts what is streamed."""
        if not self.recorders:
            return request
        if request.json is not None:
            with suppress(UnwritableJson, UnicodeEncodeError):  # sending it says what is wrong with it
                self.sent += len(encode_json(request.json))
        content, sink = request.content, request.sink
        if content is not None:
            request = attrs.evolve(request, content=self._counted_content(content))
        return request if sink is None else attrs.evolve(request, sink=self._counted_sink(sink))

    def arrived(self, response: Response) -> None:
        """Count the body of a response that was not streamed."""
        if not self.recorders:
            return
        length = response.headers.get("content-length", "")
        self.received += int(length) if response.size and length.isdecimal() else response.size

    def report(self, attempt: AttemptEnded, delay: float) -> None:
        """Tell the recorders of the attempt, which has ended."""
        for recorder in self.recorders:
            recorder.attempted(attempt, delay, self)

    def _counted_content(self, content: Content) -> Content:
        async def pieces() -> AsyncGenerator[bytes]:
            inner = content.open()
            try:
                async for piece in inner:
                    self.sent += len(piece)
                    yield piece
            finally:
                await inner.aclose()

        return attrs.evolve(content, open=pieces)

    def _counted_sink(self, sink: Sink) -> Sink:
        async def pieces(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
            async for chunk in chunks:
                self.received += len(chunk)
                yield chunk

        return lambda chunks: sink(pieces(chunks))
