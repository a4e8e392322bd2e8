"""The fake as an ASGI application, and behind a port of this machine."""

import asyncio
import ipaddress
import re
import socket
import struct
import threading
from collections.abc import Container, Generator, Iterable, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, cast

import attrs
import msgspec

from ..._utils.asgi import AsgiApp, AsgiMessage, AsgiReceive, AsgiSend, read_body
from ..._utils.clock import Clock
from ..._utils.public import public
from .._response import DIRECT, SERVED_HEADER, FakeResponse, Responder

_LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = frozenset({_LOOPBACK, "localhost", "[::1]"})
_ANY_ADDRESS = frozenset({"", "0.0.0.0", "::", "[::]"})  # noqa: S104 - only compared with
_MAX_BODY_BYTES = 16 * 1024 * 1024
_MAX_FORM_BYTES = 52 * 1024 * 1024
"""Files of 50 MB can be uploaded, in forms."""

_MAX_PENDING_BYTES = 128 * 1024 * 1024
"""Bodies that are received at a time, since the token is checked only when they are complete."""

_HEALTH_PATH = "/healthz"
_PORT = re.compile(r":\d+$")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends a reset instead of an orderly end."""


@public
@attrs.frozen
class RunningServer:
    """A fake that listens on a port of this machine."""

    port: int
    host: str = _LOOPBACK

    @property
    def url(self) -> str:
        """The `base_url` for clients, on this machine if the server listens on all addresses."""
        host = _LOOPBACK if self.host in _ANY_ADDRESS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """True if other machines cannot reach the server."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@contextmanager
def serve(fake: Responder, port: int, host: str, allow_hosts: Iterable[str]) -> Generator[RunningServer]:
    """Serve the fake from a thread of its own. The port is open when the block begins, and closed after it.

    Raises:
        ModuleNotFoundError: uvicorn is not installed.
        OSError: The port is taken, or the address is not one of this machine.
    """
    import uvicorn  # noqa: PLC0415 - an extra

    # Bound here, not by uvicorn: connections queue until the thread is up, and errors are raised to the caller.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    allowed = _LOOPBACK_NAMES | {_host_name(name) for name in (host, *allow_hosts)} - _ANY_ADDRESS
    with socket.create_server((host, port), family=family, backlog=512) as listener:
        # Connections inherit it. Without it each body waits 40 ms until the client confirms the head; asyncio sets it
        # only on sockets that name their protocol, which those of `create_server` do not.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connections = Connections()
        config = uvicorn.Config(
            guarded(asgi_app(fake, connections), allowed),
            http=connections.protocol(),
            proxy_headers=False,  # the addresses of clients must be those of their connections
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
            yield RunningServer(listener.getsockname()[1], host)
        finally:
            server.should_exit = True
            thread.join()


class Connections:
    """The open connections of a uvicorn server, by the address of the client."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def end(self, client: tuple[str, int], *, flushed: bool) -> None:
        """End a connection: after delivering what was sent so far, or with a reset at once."""
        transport = self._open.get((client[0], client[1]))
        if transport is None:
            return  # the client has already closed it
        if flushed:
            transport.close()
            return
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()

    def protocol(self) -> type[asyncio.Protocol]:
        """Return uvicorn's own protocol, extended so that its connections are recorded here."""
        from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - an extra

        connections, usual = self._open, AutoHTTPProtocol

        class RecordedProtocol(usual):  # type: ignore[valid-type, misc]
            """uvicorn's own protocol, which records its connections."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                peer: Any = transport.get_extra_info("peername")
                self._client = (str(peer[0]), int(peer[1]))
                connections[self._client] = cast("asyncio.Transport", transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._client, None)
                super().connection_lost(exc)

        return RecordedProtocol


def asgi_app(fake: Responder, connections: Connections | None = None) -> AsgiApp:
    """Return an ASGI application that hands requests to the fake.

    ASGI cannot reset a connection. Without `connections` a fault that does so raises `ConnectionAbortedError` in the
    application, and the server decides what the client sees.
    """
    pending = 0

    async def app(scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        nonlocal pending
        if scope["type"] != "http":
            raise RuntimeError(f"FakeAttio supports HTTP, not {scope['type']}")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        size = _expected_size(headers)
        if pending + size > _MAX_PENDING_BYTES:
            message = "Too many large bodies are being received. Try again later."
            await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, message)
            return
        pending += size
        try:
            body = await _body(headers, receive, send)
        finally:
            pending -= size
        if body is None:
            return
        raw_path = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
        response = await fake.exchange(scope["method"], target, headers, body)
        end = response.transit.end
        if end in ("whole", "cut"):
            await _send(response, send, fake.clock)
        if end == "whole":
            return
        if end != "silence":
            if connections is None:
                raise ConnectionAbortedError(f"a fault ends the connection ({end})")
            connections.end(scope["client"], flushed=end == "cut")
        while (await receive())["type"] != "http.disconnect":
            pass  # a server would answer for an application that returns early

    return app


def _host_name(name: str) -> str:
    """Return a name or address as it stands in the header Host, without a port."""
    is_ipv6 = ":" in name.partition(":")[2] and not name.startswith("[")
    return f"[{name.lower()}]" if is_ipv6 else _PORT.sub("", name.lower())


def guarded(app: AsgiApp, hosts: Container[str]) -> AsgiApp:
    """Return an application that refuses other hosts, so that a web page cannot reach it by a name of its own.

    It answers `/healthz` itself, for any host and without a token.
    """

    async def checked(scope: AsgiMessage, receive: AsgiReceive, send: AsgiSend) -> None:
        if scope["type"] == "http" and scope["path"] == _HEALTH_PATH:
            await _answer(send, HTTPStatus.OK, b'{"status":"ok"}')
            return
        headers: list[tuple[bytes, bytes]] = scope.get("headers", [])
        given = next((value for name, value in headers if name == b"host"), b"").decode("latin-1")
        name = _host_name(given)
        if scope["type"] == "http" and name not in hosts:
            message = (
                f"The host {name!r} is not allowed. Start with --allow-host {name or 'NAME'} to allow it."
            )
            await _refuse(send, HTTPStatus.FORBIDDEN, message)
            return
        marked = [*headers, (SERVED_HEADER.encode(), b"true")]
        await app({**scope, "headers": marked}, receive, send)

    return checked


def _largest_size(headers: Mapping[str, str]) -> int:
    is_form = headers.get("content-type", "").lower().startswith("multipart/")
    return _MAX_FORM_BYTES if is_form else _MAX_BODY_BYTES


def _expected_size(headers: Mapping[str, str]) -> int:
    """Return how many bytes of a body may have to be held."""
    declared = headers.get("content-length", "")
    if declared.isdecimal():
        return min(int(declared), _largest_size(headers))
    return _largest_size(headers) if "transfer-encoding" in headers else 0


async def _body(headers: Mapping[str, str], receive: AsgiReceive, send: AsgiSend) -> bytes | None:
    """Return the body of a request; None if it is too large, which is answered, or the client has disconnected."""
    most = _largest_size(headers)
    declared = headers.get("content-length", "")
    is_too_large = declared.isdecimal() and int(declared) > most
    body = None if is_too_large else await read_body(receive, most)
    if is_too_large or (body is not None and len(body) > most):
        message = f"The body is larger than {most} bytes."
        await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
        return None
    return body


async def _refuse(send: AsgiSend, status: HTTPStatus, message: str) -> None:
    body = {"status_code": status.value, "type": "fake_error", "code": "refused", "message": message}
    await _answer(send, status, msgspec.json.encode(body))


async def _answer(send: AsgiSend, status: HTTPStatus, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send(response: FakeResponse, send: AsgiSend, clock: Clock) -> None:
    """Send as much of a response as arrives, at its pace."""
    transit = response.transit
    if transit.wait:
        await clock.sleep(transit.wait)
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
    ]
    if response.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-length", str(len(response.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if transit is DIRECT:
        await send({"type": "http.response.body", "body": response.body})
        return
    for piece in transit.chunks(response.body):
        if transit.pause:
            await clock.sleep(transit.pause)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if transit.end == "whole":
        await send({"type": "http.response.body", "body": b""})
