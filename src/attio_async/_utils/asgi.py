"""The types of an ASGI application."""

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
