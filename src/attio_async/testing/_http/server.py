"""The fake as an ASGI application, and behind a port of this machine."""

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import attrs

from ..._utils.clock import Clock
from .._response import DIRECT, FakeResponse

if TYPE_CHECKING:
    from .._fake import FakeAttio

_DROP_AT_ONCE = struct.pack("ii", 1, 0)


"""For SO_LINGER: closing sends a reset instead of an orderly end."""


class Connections:
    """The connections of one uvicorn server, by the address of the client."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def end(self, client: tuple[str, int], *, flushed: bool) -> None:
        """End a connection: with what was sent so far delivered, or reset at once."""
        transport = self._open.get((client[0], client[1]))
        if transport is None:
            return  # the client was faster
        if flushed:
            transport.close()
            return
        listening: socket.socket = transport.get_extra_info("socket")
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_AT_ONCE)
        transport.abort()

    def protocol(self) -> type[asyncio.Protocol]:
        """The protocol for uvicorn: its own one, whose connections are noted here."""
        from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - an extra

        connections, usual = self._open, AutoHTTPProtocol

        class NotedRequest(usual):  # type: ignore[valid-type, misc]
            """uvicorn's own protocol, telling of its connections."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                self._client = _client(transport)
                connections[self._client] = cast("asyncio.Transport", transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._client, None)
                super().connection_lost(exc)

        return NotedRequest


def _client(transport: asyncio.BaseTransport) -> tuple[str, int]:
    peer: Any = transport.get_extra_info("peername")
    return str(peer[0]), int(peer[1])


_LOOPBACK = "127.0.0.1"


Scope = MutableMapping[str, Any]


Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@attrs.frozen
class RunningServer:
    """A fake that listens."""

    port: int

    @property
    def url(self) -> str:
        """What to give a client as `base_url`."""
        return f"http://{_LOOPBACK}:{self.port}"


def asgi_app(fake: "FakeAttio", connections: Connections | None = None) -> AsgiApp:
    """An ASGI application that hands requests to the fake.

    ASGI has no word for tearing a connection down. Without `connections` a fault that does so is a
    `ConnectionAbortedError` of the application, and what becomes of that is up to the server.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"FakeAttio speaks HTTP, not {scope['type']}")
        body = await _body(receive)
        if body is None:
            return
        raw_path = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await fake.exchange(scope["method"], target, headers, body)
        end = answer.transit.end
        if end in ("whole", "cut"):
            await _send(answer, send, fake.clock)
        if end == "whole":
            return
        if end != "silence":
            if connections is None:
                raise ConnectionAbortedError(f"a fault ends the connection ({end})")
            connections.end(scope["client"], flushed=end == "cut")
        while (await receive())["type"] != "http.disconnect":
            pass  # a server would answer for an application that returns early

    return app


async def _body(receive: Receive) -> bytes | None:
    """The body of a request; None when the client has hung up before it was all there."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _send(answer: FakeResponse, send: Send, clock: Clock) -> None:
    """As much of an answer as arrives, in its time."""
    transit = answer.transit
    if transit.wait:
        await clock.sleep(transit.wait)
    session = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()
    ]
    if answer.status != HTTPStatus.NO_CONTENT:
        session.append((b"content-length", str(len(answer.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": answer.status, "headers": session})
    if transit is DIRECT:
        await send({"type": "http.response.body", "body": answer.body})
        return
    for piece in transit.chunks(answer.body):
        if transit.pause:
            await clock.sleep(transit.pause)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if transit.end == "whole":
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def serve(fake: "FakeAttio", port: int) -> Generator[RunningServer]:
    """Serve the fake from a thread of its own; the port is open when the block is entered, and closed after it.

    Raises:
        ModuleNotFoundError: uvicorn is not installed.
        OSError: The port is taken.
    """
    import uvicorn  # noqa: PLC0415 - an extra

    # Bound here, not by uvicorn: connections wait in its queue until the thread is up, and errors are raised here.
    with socket.create_server((_LOOPBACK, port), backlog=512) as listener:
        connections = Connections()
        config = uvicorn.Config(
            asgi_app(fake, connections),
            http=connections.protocol(),
            proxy_headers=False,  # clients are known by where they really come from
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="fake-attio", daemon=True)
        thread.start()
        try:
            yield RunningServer(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
