"""An httpx transport that ends in the fake. The one module here that needs httpx."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import httpx

from ..._utils.clock import Clock
from .._response import DIRECT, FakeResponse

if TYPE_CHECKING:
    from .._fake import FakeAttio

_HTTP_ERRORS: Final = {
    "reset": (httpx.ReadError, "the connection was reset"),
    "refused": (httpx.ConnectError, "the connection was refused"),
}
_TIMED_OUT = "no answer within the read timeout"


class FakeTransport(httpx.AsyncBaseTransport):
    """Hands requests to the fake, in process; what a fault does to the connection becomes the errors of httpx."""

    def __init__(self, fake: "FakeAttio") -> None:
        self._fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The fake's answer, after its latency.

        Raises:
            httpx.TransportError: A fault has lost the connection or the answer.
        """
        body = await request.aread()
        target = request.url.raw_path.decode("ascii")
        answer = await self._fake.exchange(request.method, target, request.headers, body)
        if answer.transit is DIRECT:
            return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)
        return await _travelled(answer, request, self._fake.clock)


async def _travelled(answer: FakeResponse, request: httpx.Request, clock: Clock) -> httpx.Response:
    """The answer as it arrives, once its head does."""
    transit = answer.transit
    patience: float | None = request.extensions.get("timeout", {}).get("read")
    if transit.end in _HTTP_ERRORS:
        error, message = _HTTP_ERRORS[transit.end]
        raise error(message, request=request)
    waited = float("inf") if transit.end == "silence" else transit.wait
    if await _outlasts(waited, patience, clock):
        raise httpx.ReadTimeout(_TIMED_OUT, request=request)
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return httpx.Response(answer.status, headers=headers, stream=_Trickle(answer, request, patience, clock))


async def _outlasts(seconds: float, patience: float | None, clock: Clock) -> bool:
    """Wait that long, but no longer than the patience; whether that was too short."""
    if patience is not None and seconds > patience:
        await clock.sleep(patience)
        return True
    await clock.sleep(seconds)
    return False


class _Trickle(httpx.AsyncByteStream):
    """A body that comes as its transit says, or breaks off."""

    def __init__(
        self, answer: FakeResponse, request: httpx.Request, patience: float | None, clock: Clock
    ) -> None:
        self._answer = answer
        self._request = request
        self._patience = patience
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        transit, whole = self._answer.transit, len(self._answer.body)
        arrived = 0
        for piece in transit.chunks(self._answer.body):
            if transit.pause and await _outlasts(transit.pause, self._patience, self._clock):
                raise httpx.ReadTimeout(_TIMED_OUT, request=self._request)
            arrived += len(piece)
            yield piece
        if transit.end == "cut":
            message = f"the connection was closed after {arrived} of {whole} bytes of the body"
            raise httpx.RemoteProtocolError(message, request=self._request)
