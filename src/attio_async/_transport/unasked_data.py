"""Detection of data that a server sent unasked, which must not become the response to the next request.

Such data waits in the socket or, once another read has taken it from there, in the buffers of OpenSSL. httpcore looks at
the socket alone.
"""

import select
import ssl
import sys
from collections.abc import Iterable
from typing import Any


def has_unasked_data(number: int, tls: ssl.SSLObject | None) -> bool:
    """Return True if an idle connection has something to read. It cannot be used afterwards."""
    return _is_readable(number) or (tls is not None and _has_buffered(tls))


def watch(transports: Iterable[Any]) -> None:
    """Make the pools of an HTTP library look at the buffers of OpenSSL, too, before they reuse a connection."""
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if pool is not None and hasattr(pool, "_network_backend"):
            pool._network_backend = _WatchedBackend(pool._network_backend)  # noqa: SLF001 - no option sets it


def _is_readable(number: int) -> bool:
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))


def _has_buffered(tls: ssl.SSLObject) -> bool:
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:  # the server sent what is not TLS
        pass
    return True


class _WatchedBackend:
    """The connections of a backend of httpcore."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.sleep = backend.sleep

    async def connect_tcp(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(await self._backend.connect_tcp(*arguments, **options))

    async def connect_unix_socket(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(await self._backend.connect_unix_socket(*arguments, **options))


class _WatchedStream:
    """A stream of httpcore that is readable also if only OpenSSL has data."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read, self.write, self.aclose = stream.read, stream.write, stream.aclose

    async def start_tls(self, *arguments: Any, **options: Any) -> "_WatchedStream":
        return _WatchedStream(await self._stream.start_tls(*arguments, **options))

    def get_extra_info(self, info: str) -> Any:
        found = self._stream.get_extra_info(info)
        if info == "is_readable" and not found:
            tls = self._stream.get_extra_info("ssl_object")
            return tls is not None and _has_buffered(tls)
        return found
