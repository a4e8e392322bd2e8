"""The ASGI application of a receiver."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import attrs

from .._utils.asgi import AsgiMessage, AsgiReceive, AsgiSend, read_body
from .._utils.public import public


@public
@attrs.frozen
class ReceiverResponse:
    """The response to a delivery. Any status from 200 to 299 stops Attio from retrying it.

    https://docs.attio.com/rest-api/how-to/webhooks, "Delivery attempts"
    """

    status: int
    message: str


class ReceiverApp:
    """An ASGI application that takes deliveries at any path.

    It is an object because frameworks treat a function as a request handler of their own.

    Args:
        receive: Accepts the headers and body of a delivery.
        lifespan: Entered while the application runs, where the server speaks the lifespan protocol.
        after_response: Awaited after every response.
        max_body: The size of the largest body in bytes.
    """

    def __init__(
        self,
        receive: Callable[[Mapping[str, str], bytes], Awaitable[ReceiverResponse]],
        *,
        lifespan: AbstractAsyncContextManager[object],
        after_response: Callable[[], Awaitable[None]],
        max_body: int,
    ) -> None:
        self._receive = receive
        self._lifespan = lifespan
        self._after_response = after_response
        self._max_body = max_body

    async def __call__(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        if scope["type"] == "lifespan":
            await self._run_lifespan(receive, send)
        elif scope["type"] == "http":
            await self._handle_request(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})

    async def _run_lifespan(self, receive: AsgiReceive, send: AsgiSend) -> None:
        await receive()
        phase = "startup"
        try:
            async with self._lifespan:
                await send({"type": "lifespan.startup.complete"})
                phase = "shutdown"
                await receive()
        except Exception as error:
            await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.shutdown.complete"})

    async def _handle_request(self, scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        rejection = _rejection(scope["method"], headers, self._max_body)
        if rejection is not None:
            await _respond(send, rejection)
            return
        body = await read_body(receive, self._max_body)
        if body is None:
            return  # the sender disconnected before the end of the body
        await _respond(send, await self._receive(headers, body))
        await self._after_response()


def too_large(max_body: int) -> ReceiverResponse:
    """Return the response to a body that is too large."""
    return ReceiverResponse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {max_body} bytes")


def _rejection(method: str, headers: Mapping[str, str], max_body: int) -> ReceiverResponse | None:
    """Return the response to a request that needs no reading of its body; None to read it."""
    if method != "POST":
        return ReceiverResponse(HTTPStatus.METHOD_NOT_ALLOWED, "use POST")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return ReceiverResponse(HTTPStatus.BAD_REQUEST, "Content-Length is not a valid number")
    # A number is compared by its digits first: turning thousands of them into an int takes long, or is refused.
    digits = length.lstrip("0") or "0"
    if len(digits) > len(str(max_body)) or int(digits) > max_body:
        return too_large(max_body)
    if "json" not in headers.get("content-type", "json").lower():
        return ReceiverResponse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type must be JSON")
    if headers.get("content-encoding", "identity").lower() != "identity":
        return ReceiverResponse(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "the body must not be compressed: its bytes are signed as they are",
        )
    return None


async def _respond(send: AsgiSend, response: ReceiverResponse) -> None:
    text = response.message.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if response.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": int(response.status), "headers": headers})
    await send({"type": "http.response.body", "body": text})
