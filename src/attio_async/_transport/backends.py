"""The HTTP libraries that a client can send through. They share the names of httpx, from which they derive."""

import sys
from typing import Any, Literal, Self, cast, get_args

import attrs
import httpx

from ..errors import ConfigurationError, ConnectionFailed, RequestTimeout, TransportError
from .messages import Request

Backend = Literal["httpx", "httpx2", "aiohttp"]

_HTTPCORE_ERRORS = (
    "NetworkError",
    "ProtocolError",
    "ProxyError",
    "TimeoutException",
    "UnsupportedProtocol",
)
"""What `HTTPError` is the base of in httpx and httpx2; httpcore has no such class."""

_UNSENT_ERRORS = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
"""Errors raised before the first byte of the request left; httpx, httpx2 and httpcore share these names."""


@attrs.frozen
class Library:
    """An HTTP library and its exceptions.

    Attributes:
        module: The module of httpx, httpx2 or httpcore.
        errors: The exceptions for a request without a response.
        timeouts: Those of `errors` raised because it took too long.
        unsent: Those of `errors` raised before anything was sent.
    """

    module: Any
    errors: tuple[type[Exception], ...]
    timeouts: type[Exception]
    unsent: tuple[type[Exception], ...]

    @classmethod
    def of(cls, module: Any) -> Self:
        """Describe a library by its module."""
        names = ("HTTPError",) if hasattr(module, "HTTPError") else _HTTPCORE_ERRORS
        errors, unsent = (tuple(getattr(module, name) for name in group) for group in (names, _UNSENT_ERRORS))
        return cls(module, errors, module.TimeoutException, unsent)

    def translated(
        self, request: Request, error: Exception, host: str, *, sent: bool = False
    ) -> TransportError:
        """Return our exception for one of the library's, which may hold the request and with it the token.

        Args:
            request: The request.
            error: The exception.
            host: Where it was to go.
            sent: Count the request as sent whatever the exception says.
        """
        cls = RequestTimeout if isinstance(error, self.timeouts) else ConnectionFailed
        reason, sent = _message(error), sent or not isinstance(error, self.unsent)
        if not sent and not isinstance(error, self.module.PoolTimeout):
            reason = f"cannot reach {host}: {reason}"
        return no_response(request, reason, sent=sent, cls=cls)


def no_response(
    request: Request, reason: str, *, sent: bool = True, cls: type[TransportError] = ConnectionFailed
) -> TransportError:
    """Return the error for a request without a usable response."""
    return cls(
        f"{request.method} {request.path}: {reason}", sent=sent, method=request.method, path=request.path
    )


def _message(error: BaseException) -> str:
    """Return the message of an exception or, where it is empty, of the first of its causes that has one."""
    cause: BaseException | None = error
    while cause is not None and not str(cause):
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__ if cause is None else str(cause)


def library_for(backend: str) -> Library:
    """Return the library that a backend is used through.

    Raises:
        ConfigurationError: The backend is unknown, or its extra is not installed.
    """
    if backend not in get_args(Backend):
        raise ConfigurationError(f"unknown backend {backend!r}; use {', '.join(get_args(Backend))}")
    try:
        if backend == "httpx2":
            import httpx2  # noqa: PLC0415 - an extra

            return Library.of(httpx2)
        if backend == "aiohttp":
            import httpx_aiohttp  # noqa: F401, PLC0415  # pyright: ignore[reportUnusedImport] - an extra, used by `aiohttp`
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"the backend {backend!r} needs {error.name}, which is not installed: "
            f'pip install "attio-async[{backend}]"'
        ) from error
    return Library.of(httpx)


def library_of(given: object, kind: str, option: str) -> Library:
    """Return the library that a client or transport of the caller belongs to.

    Args:
        given: The client or transport.
        kind: The name of the class that it must have in its library.
        option: The option it was passed as, for the message.

    Raises:
        ConfigurationError: It belongs to neither httpx nor httpx2.
    """
    for name in ("httpx", "httpx2"):
        module = cast("Any", sys.modules.get(name))  # imported by the caller if the object belongs to it
        if module is not None and isinstance(given, getattr(module, kind)):
            return Library.of(module)
    raise ConfigurationError(f"{option} must be an {kind} of httpx or httpx2, not {type(given).__qualname__}")
