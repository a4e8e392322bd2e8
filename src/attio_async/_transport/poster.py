"""POST requests to a URL, or to the ASGI application behind it."""

import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Protocol
from urllib.parse import unquote, urlsplit

import anyio

from .._utils.asgi import AsgiApp, AsgiMessage
from .._version import __version__
from ..errors import TransportError
from .messages import Content, Request

_log = logging.getLogger("attio_async")


class Poster(Protocol):
    """POSTs bodies, each once."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """POST a body. Return the status of the response; None if none came in time."""
        ...


class AsgiPoster:
    """Passes requests to an ASGI application in this process, whatever the host in their URLs.

    It waits for what the application does after its response. An application that raises before its response counts as
    status 500, as with a server.

    Args:
        app: The application. Its lifespan is not run.
        timeout: Seconds until the response must be complete.
    """

    def __init__(self, app: AsgiApp, *, timeout: float) -> None:
        self._app = app
        self._timeout = timeout

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """See `Poster`."""
        messages: list[AsgiMessage] = [{"type": "http.request", "body": body, "more_body": False}]
        statuses: list[int] = []
        answered = anyio.Event()

        async def receive() -> AsgiMessage:
            if messages:
                return messages.pop()
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: AsgiMessage) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            elif not message.get("more_body", False):
                scope.deadline = float("inf")
                answered.set()

        with anyio.move_on_after(self._timeout) as scope:
            try:
                await self._app(_scope(url, headers, body), receive, send)
            except Exception:  # as a server does: log it, respond with 500
                if answered.is_set():
                    raise
                _log.exception("the application failed on a POST to %s", urlsplit(url).path)
                return 500
        return statuses[0] if answered.is_set() else None


def _scope(url: str, headers: Mapping[str, str], body: bytes) -> AsgiMessage:
    parts = urlsplit(url)
    sent = {"Host": parts.netloc, "Content-Length": str(len(body)), **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": (parts.path or "/").encode("ascii"),
        "query_string": parts.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in sent.items()],
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "localhost", parts.port or 443),
    }


class HttpPoster:
    """Sends requests over HTTP, without following redirects.

    Args:
        timeout: Seconds that a request may take.
    """

    def __init__(self, *, timeout: float) -> None:
        from .client_pool import HttpPool  # noqa: PLC0415 - the HTTP library is loaded when it is needed

        self._pool = HttpPool(connections=10)
        self._timeout = timeout

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """See `Poster`."""
        from .transport import HttpxTransport  # noqa: PLC0415 - as above

        parts = urlsplit(url)
        transport = HttpxTransport(
            self._pool,
            base_url=f"{parts.scheme}://{parts.netloc}",
            token=None,
            user_agent=f"attio-async/{__version__}",
            timeout=self._timeout,
        )

        async def pieces() -> AsyncGenerator[bytes]:
            yield body

        others = {name: text for name, text in headers.items() if name.lower() != "content-type"}
        content = Content(type="application/json", open=pieces, length=len(body))
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        request = Request(method="POST", path=path, headers=others, content=content)
        try:
            with anyio.move_on_after(self._timeout):
                return (await transport.send(request)).status
        except TransportError:
            pass
        return None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
