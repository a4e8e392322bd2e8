"""The HTTP libraries a client can send by. They have the same names for the same things: httpx is where they come from."""

import importlib
import sys
from typing import Any, Literal, Self, cast, get_args

import attrs

from ..errors import ConfigurationError, ConnectionFailed, RequestTimeout, TransportError
from .messages import Request

_UNSENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")


"""Failures before the first byte of the request left; httpx, httpx2 and httpcore call them alike."""


_TRANSPORT = ("NetworkError", "ProtocolError", "ProxyError", "TimeoutException", "UnsupportedProtocol")


@attrs.frozen
class Failures:
    """The exceptions of one library.

    Attributes:
        all: Every one that means no answer.
        timeouts: Those of them that mean it took too long.
        unsent: Those of them that mean nothing was sent.
    """

    all: tuple[type[Exception], ...]
    timeouts: type[Exception]
    unsent: tuple[type[Exception], ...]

    @classmethod
    def of(cls, library: Any) -> Self:
        """Those of httpx or httpx2, or of the httpcore under one of them."""
        every = (library.HTTPError,) if hasattr(library, "HTTPError") else _named(library, _TRANSPORT)
        return cls(every, library.TimeoutException, _named(library, _UNSENT))

    def translated(self, request: Request, error: Exception, *, sent: bool = False) -> TransportError:
        """Our exception for one of the library, which itself may hold the request and with it the token.

        With `sent`, it certainly was, whatever the exception is called.
        """
        cls = RequestTimeout if isinstance(error, self.timeouts) else ConnectionFailed
        return no_answer(
            request,
            _reason(error),
            sent=sent or not isinstance(error, self.unsent),
            cls=cls,
        )


def no_answer(
    request: Request, what: str, *, sent: bool = True, cls: type[TransportError] = ConnectionFailed
) -> TransportError:
    """The error of a request that got no answer."""
    return cls(
        f"{request.method} {request.path}: {what}", sent=sent, method=request.method, path=request.path
    )


def _named(library: Any, names: tuple[str, ...]) -> tuple[type[Exception], ...]:
    return tuple(getattr(library, name) for name in names)


def _reason(error: BaseException) -> str:
    """What an exception says, or the one it was made of: some are made without a word."""
    reason: BaseException | None = error
    while reason is not None and not str(reason):
        reason = reason.__cause__ or reason.__context__
    return type(error).__name__ if reason is None else str(reason)


Backend = Literal["httpx", "httpx2", "aiohttp"]


_NEEDS = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}


"""What must be installed for a backend: each is an extra of the backend's name."""


@attrs.frozen
class Library:
    """One of them: its module, and what its exceptions mean."""

    module: Any
    failures: Failures

    @classmethod
    def named(cls, name: str) -> "Library":
        """The one of that name, which is installed."""
        module = importlib.import_module(name)
        return cls(module, Failures.of(module))


def library_for(backend: str) -> Library:
    """The library that a backend is used through.

    Raises:
        ConfigurationError: There is no such backend, or its extra is not installed.
    """
    if backend not in get_args(Backend):
        raise ConfigurationError(f"no backend {backend!r}; there is {', '.join(get_args(Backend))}")
    try:
        if backend in _NEEDS:
            importlib.import_module(_NEEDS[backend])
        return Library.named("httpx2" if backend == "httpx2" else "httpx")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is missing, which the backend {backend!r} needs: "
            f'pip install "attio-async[{backend}]"'
        ) from error


def library_of(given: object, kind: str, option: str) -> Library:
    """The library that something of the caller's belongs to.

    Args:
        given: A client or a transport.
        kind: The name of the class in each library of which it must be one.
        option: How the caller has named it, for the message.

    Raises:
        ConfigurationError: It belongs to none.
    """
    for name in ("httpx", "httpx2"):
        module = cast("Any", sys.modules.get(name))  # what it belongs to has been imported by the caller
        if module is not None and isinstance(given, getattr(module, kind)):
            return Library.named(name)
    raise ConfigurationError(f"{option} is an {kind} of httpx or httpx2, not a {type(given).__qualname__}")
