"""Detection of tools that patch the HTTP library to trace, record or stub requests: they must see every request."""

from collections.abc import Callable

import httpcore
import httpx


class PatchableMethods:
    """Methods of a library that such tools patch.

    One that this version of the library does not have counts as patched: where a tool would patch it is then unknown.

    Args:
        library: The name of the library.
        current: Returns the methods as they are now.
    """

    def __init__(self, library: str, current: Callable[[], tuple[object, ...]]) -> None:
        self._current = current
        self._originals = current()
        self._were_patched = not all(_belongs_to(library, method) for method in self._originals)

    def are_patched(self) -> bool:
        """Return True if one of the methods is not the library's own."""
        return self._were_patched or self._current() != self._originals


def _belongs_to(library: str, method: object) -> bool:
    return not hasattr(method, "__wrapped__") and str(getattr(method, "__module__", "")).startswith(
        f"{library}."
    )


def _httpx_methods() -> tuple[object, ...]:
    client, transport = vars(httpx.AsyncClient), httpx.AsyncHTTPTransport
    return client.get("send"), client.get("_transport_for_url"), transport.handle_async_request


def _httpcore_methods() -> tuple[object, ...]:
    pool, connection = httpcore.AsyncConnectionPool, httpcore.AsyncHTTPConnection
    return pool.handle_async_request, connection.handle_async_request


HTTPX = PatchableMethods("httpx", _httpx_methods)
HTTPCORE = PatchableMethods("httpcore", _httpcore_methods)
