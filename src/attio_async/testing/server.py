"""The fake as an ASGI application, and behind a port of this machine."""

import socket
import threading
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from .fake import FakeAttio

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


def asgi_app(fake: "FakeAttio") -> AsgiApp:
    """An ASGI application that hands requests to the fake."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"FakeAttio speaks HTTP, not {scope['type']}")
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        raw_path = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        target = (raw_path + b"?" + query if query else raw_path).decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = await fake.exchange(scope["method"], target, headers, bytes(body))
        wire = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers.items()
        ]
        wire.append((b"content-length", str(len(answer.body)).encode("ascii")))
        await send({"type": "http.response.start", "status": answer.status, "headers": wire})
        await send({"type": "http.response.body", "body": answer.body})

    return app


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
        config = uvicorn.Config(
            asgi_app(fake),
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
