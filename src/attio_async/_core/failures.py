"""Which exception of an HTTP library means what: whether a request can have been sent is decided here."""

from typing import Any, Self

import attrs

from ..errors import ConnectionFailed, RequestTimeout, TransportError
from .message import Request

__all__ = ["Failures", "no_answer"]

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
