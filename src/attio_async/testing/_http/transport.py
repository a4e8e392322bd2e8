"""An httpx transport that hands requests to the fake. The only module of the fake that needs httpx."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import anyio
import httpx

from ..._transport.backends import no_response
from ..._transport.gzip import DamagedBody, unpackable
from ..._transport.messages import Request, Response, received
from ..._transport.plain_requests import HTTPX, RequestTargets
from ..._utils.clock import Clock
from .._response import DIRECT, FakeResponse, Responder

_HTTP_ERRORS: Final = {
    "reset": (httpx.ReadError, "the connection was reset"),
    "refused": (httpx.ConnectError, "the connection was refused"),
}
_TIMED_OUT = "no response within the read timeout"


class FakeTransport(httpx.AsyncBaseTransport):
    """Hands requests to a fake, in process. What a fault does to the connection becomes the errors of httpx.

    Our client hands its requests to `plain_sender`: building those of httpx takes it longer than everything else.
    """

    def __init__(self, fake: Responder) -> None:
        self._fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the fake's response, after its latency.

        Raises:
            httpx.TransportError: A fault has lost the connection or the response.
        """
        body = await request.aread()
        target = request.url.raw_path.decode("ascii")
        response = await self._fake.exchange(request.method, target, request.headers, body)
        headers = dict(response.headers)
        if response.transit is DIRECT:
            return httpx.Response(response.status, headers=headers, content=response.body)
        timeout: float | None = request.extensions.get("timeout", {}).get("read")
        await _head(response, timeout, self._fake.clock)
        headers["content-length"] = str(len(response.body))
        stream = _ArrivingBody(response, timeout, self._fake.clock)
        return httpx.Response(response.status, headers=headers, stream=stream)

    def plain_sender(self, base_url: str, timeout: float, total: float) -> "InProcessSender":
        """Return what sends plain requests to this base URL, see `PlainTransport`."""
        return InProcessSender(self, self._fake, base_url, timeout, total)


class InProcessSender:
    """Hands plain requests of our client to a fake, as they would go over the wire."""

    def __init__(
        self, transport: FakeTransport, fake: Responder, base_url: str, timeout: float, total: float
    ) -> None:
        self._transport = transport
        self._fake = fake
        self._host = httpx.URL(base_url).netloc.decode("ascii")
        self._targets = RequestTargets(base_url)
        self._timeout = timeout
        self._total = total

    def is_bypassed(self) -> bool:
        """Return True while the transport or httpx is patched, since the patch must see every request."""
        return HTTPX.are_patched() or not _is_original(self._transport)

    async def exchange(self, request: Request, headers: Mapping[str, str], content: bytes | None) -> Response:
        """Send one request and read its response.

        Raises:
            httpx.TransportError: A fault has lost the connection or the response.
            ConnectionFailed: The body is damaged.
        """
        sent = {"Host": self._host, **headers}
        if content is not None:
            sent["Content-Length"] = str(len(content))
        "".join(sent.values()).encode("ascii")  # the wire takes no other headers
        target = self._targets.of(request).decode("ascii")
        response = await self._fake.exchange(request.method, target, sent, content or b"")
        body = response.body if response.transit is DIRECT else await self._arrived(response)
        fields = {name.lower(): value for name, value in response.headers.items()}
        fields["content-length"] = str(len(response.body))
        try:
            unpacked = unpackable([body], fields.get("content-encoding", ""))
            return await received(request, response.status, fields, unpacked)
        except DamagedBody as error:
            raise no_response(request, str(error)) from None

    async def _arrived(self, response: FakeResponse) -> bytes:
        """Return the body once all of it has arrived."""
        with anyio.move_on_after(self._total):
            await _head(response, self._timeout, self._fake.clock)
            return b"".join(
                [piece async for piece in _ArrivingBody(response, self._timeout, self._fake.clock)]
            )
        raise httpx.ReadTimeout(f"the response took more than {self._total:g} s")


_ORIGINAL: Final = FakeTransport.handle_async_request


def _is_original(transport: FakeTransport) -> bool:
    return getattr(transport.handle_async_request, "__func__", None) is _ORIGINAL


async def _head(response: FakeResponse, read_timeout: float | None, clock: Clock) -> None:
    """Wait until the head of a response has arrived.

    Raises:
        httpx.TransportError: A fault has lost it.
    """
    transit = response.transit
    if transit.end in _HTTP_ERRORS:
        error, message = _HTTP_ERRORS[transit.end]
        raise error(message)
    wait = float("inf") if transit.end == "silence" else transit.wait
    if not await _wait(wait, read_timeout, clock):
        raise httpx.ReadTimeout(_TIMED_OUT)


async def _wait(seconds: float, read_timeout: float | None, clock: Clock) -> bool:
    """Wait that long, and return True; return False after the read timeout if that is shorter."""
    if read_timeout is not None and seconds > read_timeout:
        await clock.sleep(read_timeout)
        return False
    await clock.sleep(seconds)
    return True


class _ArrivingBody(httpx.AsyncByteStream):
    """A body that arrives as its transit says, or breaks off."""

    def __init__(self, response: FakeResponse, timeout: float | None, clock: Clock) -> None:
        self._response = response
        self._timeout = timeout
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        transit, length = self._response.transit, len(self._response.body)
        arrived = 0
        for piece in transit.chunks(self._response.body):
            if transit.pause and not await _wait(transit.pause, self._timeout, self._clock):
                raise httpx.ReadTimeout(_TIMED_OUT)
            arrived += len(piece)
            yield piece
        if transit.end == "cut":
            raise httpx.RemoteProtocolError(
                f"the connection was closed after {arrived} of {length} bytes of the body"
            )
