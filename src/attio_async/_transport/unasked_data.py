"""Detection of data that a server sent unasked, which must not become the response to the next request.

Such data waits in the socket or, once another read has taken it from there, in the buffers of OpenSSL or h11. httpcore
looks at the socket alone.
"""

import select
import ssl
import sys
from collections.abc import Callable, Iterable
from typing import Any


def is_readable(number: int) -> bool:
    """Return True if a socket has something to read, or was closed by the other side."""
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))


def watch(transports: Iterable[Any]) -> None:
    """Make the pools of an HTTP library look at all of the buffers, too, before they reuse a connection."""
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if pool is not None and hasattr(pool, "create_connection"):
            pool.create_connection = _watched(pool.create_connection)


def _watched(create: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that creates connections of httpcore whose streams are watched."""

    def create_watched(*arguments: Any, **options: Any) -> Any:
        connection = inner = create(*arguments, **options)
        while inner is not None:  # a connection through a proxy has another one
            if hasattr(inner, "_network_backend"):
                inner._network_backend = _WatchedBackend(inner._network_backend, connection)  # noqa: SLF001 - no option sets it
            inner = getattr(inner, "_connection", None)
        return connection

    return create_watched


def _has_buffered(tls: ssl.SSLObject) -> bool:
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:  # the server sent what is not TLS
        pass
    return True


class _WatchedBackend:
    """Opens the stream of one connection of httpcore."""

    def __init__(self, backend: Any, connection: Any) -> None:
        self._backend = backend
        self._connection = connection
        self.sleep = backend.sleep

    async def connect_tcp(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(await self._backend.connect_tcp(*arguments, **options), self._connection)

    async def connect_unix_socket(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(
            await self._backend.connect_unix_socket(*arguments, **options), self._connection
        )


class _WatchedStream:
    """A stream of httpcore that is readable also if only a buffer of OpenSSL or h11 has data."""

    def __init__(self, stream: Any, connection: Any) -> None:
        self._stream = stream
        self._connection = connection
        self.read, self.write, self.aclose = stream.read, stream.write, stream.aclose

    async def start_tls(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(await self._stream.start_tls(*arguments, **options), self._connection)

    def get_extra_info(self, info: str) -> Any:
        found = self._stream.get_extra_info(info)
        if info == "is_readable" and not found:
            tls = self._stream.get_extra_info("ssl_object")
            return _has_trailing_data(self._connection) or (tls is not None and _has_buffered(tls))
        return found


def _has_trailing_data(connection: Any) -> bool:
    """Return True if h11 has read more than the last response."""
    while connection is not None:
        if (state := getattr(connection, "_h11_state", None)) is not None:
            return bool(state.trailing_data[0])
        connection = getattr(connection, "_connection", None)
    return False
