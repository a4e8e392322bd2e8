"""The receiver as an ASGI application."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .receiver import WebhookReceiver

__all__ = ["AsgiApp", "ReceiverApp"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


class ReceiverApp:
    """An ASGI application that hands deliveries to a receiver.

    It is an object, since frameworks take a function for one of their own handlers.
    """

    def __init__(self, receiver: "WebhookReceiver") -> None:
        self._receiver = receiver

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(self._receiver, receive, send)
        elif scope["type"] == "http":
            await _http(self._receiver, scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})


async def _lifespan(receiver: "WebhookReceiver", receive: Receive, send: Send) -> None:
    await receive()
    phase = "startup"
    try:
        async with receiver:
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except Exception as error:
        await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.shutdown.complete"})


async def _http(receiver: "WebhookReceiver", scope: Message, receive: Receive, send: Send) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    refusal = _refusal(scope["method"], headers, receiver.max_body)
    if refusal is not None:
        await _answer(send, *refusal)
        return
    body = await _body(receive, receiver.max_body)
    if body is None:
        return  # gone before it was all there: nobody waits for an answer
    answer = await receiver.receive(headers, body)
    await _answer(send, answer.status, answer.message)
    await receiver.after_request()


def _refusal(method: str, headers: dict[str, str], max_body: int) -> tuple[int, str] | None:
    """What is wrong before the body is read."""
    if method != "POST":
        return HTTPStatus.METHOD_NOT_ALLOWED, "deliveries are POSTed"
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        return HTTPStatus.BAD_REQUEST, "the content length is no number"
    if len(length.lstrip("0")) > len(str(max_body)) or int(length) > max_body:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {max_body} bytes"
    if "json" not in headers.get("content-type", "json").lower():
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "deliveries are JSON"
    if headers.get("content-encoding", "identity").lower() != "identity":
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the signature is of the body as it is, not compressed"
    return None


async def _body(receive: Receive, max_body: int) -> bytes | None:
    """The body, or the part of it that shows that it is too long; None when the sender has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > max_body or not message.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, message: str) -> None:
    text = message.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": text})
