"""An httpx transport that ends in the fake. The one module here that needs httpx."""

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from .fake import FakeAttio


class FakeTransport(httpx.AsyncBaseTransport):
    """Hands requests to the fake, in process."""

    def __init__(self, fake: "FakeAttio") -> None:
        self._fake = fake

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The fake's answer, after its latency."""
        body = await request.aread()
        target = request.url.raw_path.decode("ascii")
        answer = await self._fake.exchange(request.method, target, request.headers, body)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)
