"""The types of an ASGI application, and the body of a request."""

import math
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

AsgiMessage = MutableMapping[str, Any]
"""The scope of a connection, or one message about it."""
AsgiReceive = Callable[[], Awaitable[AsgiMessage]]
"""Returns the next message from the server."""
AsgiSend = Callable[[AsgiMessage], Awaitable[None]]
"""Sends a message to the server."""
AsgiApp = Callable[[AsgiMessage, AsgiReceive, AsgiSend], Awaitable[None]]
"""An ASGI application, such as a Starlette or FastAPI app."""
AsgiEndpoint = Callable[..., Awaitable[Any]]
"""An ASGI application, typed so that `add_route` of Starlette and FastAPI takes it, which documents functions of a request."""


async def read_body(receive: AsgiReceive, max_bytes: float = math.inf) -> bytes | None:
    """Return the body of a request; None if the client disconnected before its end.

    Of a body that is larger than `max_bytes`, only as much is read as shows that.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > max_bytes or not message.get("more_body", False):
            return bytes(body)
