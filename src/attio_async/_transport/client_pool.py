"""The HTTP library that a client sends through, with its connections, certificates and proxy."""

import functools
import gc
import os
import ssl
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import attrs
import httpx

from .._utils.checks import LOOPBACK, is_host, is_loopback
from ..errors import ConfigurationError
from .backends import Backend, library_for, library_of
from .messages import HttpClient, HttpTransport
from .plain_requests import PlainSender, PlainTransport
from .unasked_data import watch

if TYPE_CHECKING:
    from .free_list import FreeList

_CA_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Environment variables that replace the usual certificate authorities, as in OpenSSL and httpx."""

_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def tls_context(given: ssl.SSLContext | None) -> ssl.SSLContext:
    """Return the caller's context, or a shared one that checks certificates.

    Raises:
        ConfigurationError: It is not a context, or the certificates that the environment names cannot be read.
    """
    if given is None:
        return _shared_context(tuple(os.environ.get(name, "") for name in _CA_VARIABLES))
    if not isinstance(given, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(
            f"verify must be an ssl.SSLContext, such as ssl.create_default_context(cafile=...), not {given!r}"
        )
    return given


@functools.cache
def _shared_context(paths: tuple[str, ...]) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        variables = " or ".join(name for name, path in zip(_CA_VARIABLES, paths, strict=True) if path)
        raise ConfigurationError(f"the certificates in {variables} cannot be read: {error}") from error


@attrs.frozen(kw_only=True)
class _ConnectionOptions:
    """The options of connections that the client opens itself."""

    connections: int
    base_url: str | None
    tls: ssl.SSLContext
    proxy: str | None = attrs.field(repr=False)

    @property
    def is_direct(self) -> bool:
        """True if requests to the base URL take no proxy; without a base URL, if there are no proxies at all."""
        if self.base_url is None:
            return self.proxy is None and not _proxies()
        parts = urlsplit(self.base_url)
        return self.proxy_for(parts.scheme, parts.netloc) is None

    def proxy_for(self, scheme: str, authority: str) -> str | None:
        """Return the proxy for a URL, from the options or the environment, or None. Requests to this machine take none."""
        if is_loopback(urlsplit(f"//{authority}").hostname):
            return None
        if self.proxy is not None:
            return self.proxy
        proxies = _proxies()
        variable = scheme if proxies.get(scheme) else "all"
        proxy = proxies.get(variable)
        if not proxy or proxy_bypass(authority):
            return None
        return _checked_proxy(proxy if "://" in proxy else f"http://{proxy}", f"{variable.upper()}_PROXY")


def _proxies() -> dict[str, str]:
    """Return the proxies that the environment names, by scheme."""
    return {scheme: proxy for scheme, proxy in getproxies().items() if scheme != "no"}


class HttpPool:
    """One client of an HTTP library and its connections, shared by a client of ours and its copies.

    A client passed by the caller is used as it is and never closed here.

    Attributes:
        client: The client of the library.
        library: The library.
        free_list: The connections that plain requests take without the library's client; None if there are none.
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
        given: object = transport  # may be more than its type says
        self._plain_transport = given if isinstance(given, PlainTransport) else None
        self._closed = False
        self._owned = client is None
        self._renew: Callable[[], Any] | None = None
        self._reopen: Callable[[], Any] | None = None
        if client is not None:
            self.library = library_of(client, "AsyncClient", "http_client")
            self.client: Any = client
        elif transport is not None:
            self.library = library_of(transport, "AsyncBaseTransport", "transport")
            self.client = self.library.module.AsyncClient(transport=transport)
        else:
            self.library = library_for(backend)
            self._open(
                backend,
                _ConnectionOptions(
                    connections=connections,
                    base_url=base_url,
                    tls=tls_context(verify),
                    proxy=None if proxy is None else _checked_proxy(proxy),
                ),
            )

    def _open(self, backend: Backend, options: _ConnectionOptions) -> None:
        is_direct = options.is_direct
        if backend == "aiohttp":
            self._reopen = functools.partial(_aiohttp_client, options)
            self.client = self._reopen()
        elif backend == "httpx" and is_direct and (native := _free_list_client(options)):
            self.free_list, self.client = native
        else:
            self._reopen = functools.partial(_stock_client, self.library.module.AsyncClient, options)
            self._renew = self._reopen
            self.client = self._renew()

    def plain_sender(self, base_url: str, timeout: Any, total: float) -> PlainSender | None:
        """Return what sends plain requests without the library's client; None if nothing does."""
        if self._plain_transport is not None:
            return self._plain_transport.plain_sender(base_url, timeout.read, total)
        if self.free_list is None:
            return None
        from .direct_client import DirectClient  # noqa: PLC0415 - as in `_free_list_client`

        return DirectClient(self.free_list, base_url, timeout)

    def check_open(self) -> None:
        """Raise an error if this pool is closed.

        Raises:
            ConfigurationError: It is closed. Nothing was sent.
        """
        if self._closed:
            raise ConfigurationError("this client is closed; create another one")

    def forget(self) -> None:
        """Forget the connections of an event loop that has ended. A client or transport of the caller's stays as it is."""
        if self.free_list is not None:
            self.free_list.forget()
        if self._reopen is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                forget = getattr(getattr(self.client, "_transport", None), "forget", None)
                if forget is not None:
                    forget()
                self.client = self._reopen()
                gc.collect()  # as in the free list

    async def heal(self) -> None:
        """Replace a pool that gives no connection although fewer requests are out than it has connections.

        The pools of httpx 0.28, used behind a proxy, can lose a slot for good when a request is cancelled in flight.
        """
        if self._renew is not None:
            leaked, self.client = self.client, self._renew()
            await leaked.aclose()

    async def aclose(self) -> None:
        self._closed = True
        if self._owned:
            await self.client.aclose()


def _checked_proxy(proxy: str, name: str = "proxy") -> str:
    try:
        parts = urlsplit(proxy)
        _ = parts.port
        # A password with a # or / in it would be cut there, and a part of it taken for the port.
        rest = parts.path.strip("/") or parts.query or parts.fragment
        is_valid = parts.scheme in _PROXY_SCHEMES and is_host(parts.hostname) and not rest
    except ValueError:
        is_valid = False
    if not is_valid or not proxy.isprintable():  # not shown, since it may hold a password
        raise ConfigurationError(
            f"{name} must look like http://host:port, with the scheme {', '.join(_PROXY_SCHEMES)}, and with special "
            "characters of a user or password percent-encoded"
        )
    return proxy


def _aiohttp_client(options: _ConnectionOptions) -> httpx.AsyncClient:
    from .aiohttp import AiohttpRouter  # noqa: PLC0415 - an extra

    router = AiohttpRouter(options.tls, options.connections, options.proxy_for)
    return httpx.AsyncClient(transport=router)


def _free_list_client(options: _ConnectionOptions) -> "tuple[FreeList, httpx.AsyncClient] | None":
    """Return a free list and a client over it; None where httpx comes without the parts that it needs.

    Where there are proxies, the client takes the free list for its base URL alone.
    """
    try:
        from .free_list import FreeList  # noqa: PLC0415 - needs httpcore and h11
    except ModuleNotFoundError:
        return None
    connections = FreeList(options.tls)
    transport = connections.transport()
    if transport is None:
        return None
    if options.base_url is None or not _proxies():
        return connections, httpx.AsyncClient(transport=transport, trust_env=False)
    parts = urlsplit(options.base_url)
    mounts = {f"{parts.scheme}://{parts.netloc}": transport}
    return connections, _stock_client(httpx.AsyncClient, options, mounts=mounts)


def _stock_client(cls: Any, options: _ConnectionOptions, mounts: Mapping[str, Any] | None = None) -> Any:
    """Return a client with the pool of its library, which can use proxies."""
    own = urlsplit(options.base_url or "").hostname
    local = {*LOOPBACK, own} if own is not None and is_loopback(own) else LOOPBACK
    hosts = [f"[{host}]" if ":" in host else host for host in local]
    mounts = {f"all://{host}": None for host in hosts} | dict(mounts or {})
    limits = httpx.Limits(max_connections=options.connections, max_keepalive_connections=options.connections)
    proxies = {} if options.proxy is not None else _proxies()
    for scheme, proxy in proxies.items():
        if scheme in {"http", "https", "all"} and proxy:
            _checked_proxy(proxy if "://" in proxy else f"http://{proxy}", f"{scheme.upper()}_PROXY")
    try:
        client = cls(
            verify=options.tls, limits=limits, proxy=options.proxy, mounts=mounts, trust_env=bool(proxies)
        )
    except (ImportError, ValueError):  # their messages may hold the proxy's password
        raise ConfigurationError(
            'proxy must look like http://host:port; socks5://host:port also needs: pip install "httpx[socks]"'
        ) from None
    except Exception:  # noqa: BLE001 - InvalidURL and KeyError of the library, which may hold it, too
        raise ConfigurationError(
            "NO_PROXY names a host that the HTTP library cannot read; write an IPv6 address without brackets, and no "
            "networks"
        ) from None
    watch((getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()))
    return client
