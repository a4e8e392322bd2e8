"""What a client sends through: which HTTP library, which connections, which certificates and proxy."""

import functools
import os
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import attrs
import httpx

from ..errors import ConfigurationError
from .backends import (
    Backend,
    Library,
    library_for,
    library_of,
)
from .messages import HttpClient, HttpTransport
from .native.free_list import FreeList, free_list_transport

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


"""What the environment may name in place of the usual authorities, as OpenSSL and httpx understand it."""


def tls_context(given: ssl.SSLContext | None) -> ssl.SSLContext:
    """The caller's context, or one that checks certificates and is shared as long as the environment names the same.

    Raises:
        ConfigurationError: It is no context, or what the environment names cannot be read.
    """
    if given is None:
        return _shared(tuple(os.environ.get(name, "") for name in _VARIABLES))
    if not isinstance(given, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(
            f"verify is an ssl.SSLContext, such as ssl.create_default_context(cafile=...), not {given!r}"
        )
    return given


@functools.cache
def _shared(places: tuple[str, ...]) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # of which ssl.SSLError is one
        named = " or ".join(name for name, place in zip(_VARIABLES, places, strict=True) if place)
        raise ConfigurationError(f"the authorities that {named} names cannot be read: {error}") from error


_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


@attrs.frozen(kw_only=True)
class _Wanted:
    """What connections of a client's own are to be like."""

    connections: int
    base_url: str | None
    tls: ssl.SSLContext
    proxy: str | None = attrs.field(repr=False)

    @property
    def is_direct(self) -> bool:
        """Whether requests go to the address itself; without one, whether none can go through a proxy."""
        if self.proxy is not None:
            return False
        proxies = getproxies()
        if not proxies or self.base_url is None:
            return not proxies
        parts = urlsplit(self.base_url)
        known = parts.scheme in proxies or "all" in proxies
        return not known or bool(proxy_bypass(parts.netloc))


class HttpPool:
    """The connections: one client of an HTTP library, shared by a client of ours and its copies with other options.

    A client of the caller's is used as it is and never closed here.

    Attributes:
        client: The client of the library.
        library: The library.
        free_list: The connections that plain requests can take without the library's client, if there are such.
    """

    def __init__(
        self,
        *,
        connections: int,
        client: HttpClient | None = None,
        transport: HttpTransport | None = None,
        backend: Backend = "httpx",
        base_url: str | None = None,
        verify: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        self.free_list: FreeList | None = None
        self._closed = False
        self._owned = client is None
        self._renew: Callable[[], Any] | None = None
        if client is not None:
            self.library = library_of(client, "AsyncClient", "http_client")
            self.client: Any = client
        elif transport is not None:
            self.library = library_of(transport, "AsyncBaseTransport", "transport")
            self.client = self.library.module.AsyncClient(transport=transport)
        else:
            _check_proxy(proxy)
            self.library = library_for(backend)
            wanted = _Wanted(connections=connections, base_url=base_url, tls=tls_context(verify), proxy=proxy)
            self._open(backend, wanted)

    def _open(self, backend: Backend, wanted: _Wanted) -> None:
        if backend == "httpx" and wanted.is_direct:
            self.free_list = FreeList(wanted.tls)
            self.client = _free_list_client(self.free_list, wanted)
            return
        self._renew = functools.partial(_stock_client, _client_class(backend, self.library), wanted)
        self.client = self._renew()

    def check_open(self) -> None:
        if self._closed:
            raise ConfigurationError("this client is closed; make another one")

    async def heal(self) -> None:
        """Replace a pool that gives no connection although no more requests are out than it has connections.

        The pools of httpx 0.28, used behind a proxy, can lose a slot for good when a request is cancelled in flight.
        """
        if self._renew is not None:
            leaked, self.client = self.client, self._renew()
            await leaked.aclose()

    async def aclose(self) -> None:
        self._closed = True
        if self._owned:
            await self.client.aclose()


def _check_proxy(proxy: str | None) -> None:
    if proxy is None:
        return
    parts = urlsplit(proxy)
    if parts.scheme not in _PROXY_SCHEMES or not parts.hostname:
        raise ConfigurationError(
            f"proxy must be like http://host:port; schemes are {', '.join(_PROXY_SCHEMES)}"
        )


def _client_class(backend: Backend, library: Library) -> Any:
    if backend != "aiohttp":
        return library.module.AsyncClient
    from .aiohttp import AiohttpClient  # noqa: PLC0415 - an extra

    return AiohttpClient


def _free_list_client(connections: FreeList, wanted: _Wanted) -> httpx.AsyncClient:
    """A client over a free list; where there are proxies, for the client's own address alone."""
    transport = free_list_transport(connections, wanted.tls)
    if wanted.base_url is None or not getproxies():
        return httpx.AsyncClient(transport=transport)
    parts = urlsplit(wanted.base_url)
    client: httpx.AsyncClient = _stock_client(
        httpx.AsyncClient, wanted, mounts={f"{parts.scheme}://{parts.netloc}": transport}
    )
    return client


def _stock_client(cls: Any, wanted: _Wanted, **more: Any) -> Any:
    """A client with the pool of the library, which knows how to go through proxies."""
    limits = httpx.Limits(max_connections=wanted.connections, max_keepalive_connections=wanted.connections)
    try:
        return cls(verify=wanted.tls, limits=limits, proxy=wanted.proxy, **more)
    except (ImportError, ValueError):  # their messages may hold the proxy's password
        raise ConfigurationError(
            "the proxy cannot be used: it must be like http://host:port, "
            'and socks5://host:port needs: pip install "httpx[socks]"'
        ) from None
