"""Whether another tool has put itself into the HTTP library, to trace, record or answer requests: it must see every one."""

from collections.abc import Callable

import httpcore
import httpx


class Methods:
    """Methods of a library that such tools replace.

    Args:
        library: Its name.
        now: Tells what the methods are now.
    """

    def __init__(self, library: str, now: Callable[[], tuple[object, ...]]) -> None:
        self._now = now
        self._first = now()
        self._came_late = not all(_is_of(library, method) for method in self._first)

    def are_replaced(self) -> bool:
        """Whether one of them is not the library's own."""
        return self._came_late or self._now() != self._first


def _is_of(library: str, method: object) -> bool:
    return not hasattr(method, "__wrapped__") and str(getattr(method, "__module__", "")).startswith(
        f"{library}."
    )


def _of_httpx() -> tuple[object, ...]:
    client, transport = vars(httpx.AsyncClient), httpx.AsyncHTTPTransport
    return client.get("send"), client.get("_transport_for_url"), transport.handle_async_request


def _of_httpcore() -> tuple[object, ...]:
    pool, connection = httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection
    return pool.handle_async_request, connection.handle_async_request


HTTPX = Methods("httpx", _of_httpx)
HTTPCORE = Methods("httpcore", _of_httpcore)
