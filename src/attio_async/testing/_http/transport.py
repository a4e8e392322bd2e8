"""An httpx transport that hands requests to the fake. The only module of the fake that needs httpx."""

from collections.abc import AsyncIterator
from typing import Final

import httpx

from ..._utils.clock import Clock
from .._response import DIRECT, FakeResponse, Responder

_HTTP_ERRORS: Final = {
    "reset": (httpx.ReadError, "the connection was reset"),
    "refused": (httpx.ConnectError, "the connection was refused"),
}
_TIMED_OUT = "no response within the read timeout"


class FakeTransport(httpx.AsyncBaseTransport):
    """Hands requests to a fake, in process. What a fault does to the connection becomes the errors of httpx."""

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
        if response.transit is DIRECT:
            return httpx.Response(response.status, headers=dict(response.headers), content=response.body)
        return await _arrive(response, request, self._fake.clock)


async def _arrive(response: FakeResponse, request: httpx.Request, clock: Clock) -> httpx.Response:
    """Return the response once its head has arrived."""
    transit = response.transit
    timeout: float | None = request.extensions.get("timeout", {}).get("read")
    if transit.end in _HTTP_ERRORS:
        error, message = _HTTP_ERRORS[transit.end]
        raise error(message, request=request)
    wait = float("inf") if transit.end == "silence" else transit.wait
    if not await _wait(wait, timeout, clock):
        raise httpx.ReadTimeout(_TIMED_OUT, request=request)
    headers = {**response.headers, "content-length": str(len(response.body))}
    stream = _ArrivingBody(response, request, timeout, clock)
    return httpx.Response(response.status, headers=headers, stream=stream)


async def _wait(seconds: float, read_timeout: float | None, clock: Clock) -> bool:
    """Wait that long, and return True; return False after the read timeout if that is shorter."""
    if read_timeout is not None and seconds > read_timeout:
        await clock.sleep(read_timeout)
        return False
    await clock.sleep(seconds)
    return True


class _ArrivingBody(httpx.AsyncByteStream):
    """A body that arrives as its transit says, or breaks off."""

    def __init__(
        self, response: FakeResponse, request: httpx.Request, timeout: float | None, clock: Clock
    ) -> None:
        self._response = response
        self._request = request
        self._timeout = timeout
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        transit, length = self._response.transit, len(self._response.body)
        arrived = 0
        for piece in transit.chunks(self._response.body):
            if transit.pause and not await _wait(transit.pause, self._timeout, self._clock):
                raise httpx.ReadTimeout(_TIMED_OUT, request=self._request)
            arrived += len(piece)
            yield piece
        if transit.end == "cut":
            message = f"the connection was closed after {arrived} of {length} bytes of the body"
            raise httpx.RemoteProtocolError(message, request=self._request)
