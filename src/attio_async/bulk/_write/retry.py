"""How long a job waits before it tries again what failed for no fault of the row. Pure."""

from ...errors import (
    AttioError,
    ConnectionFailed,
    DecodeError,
    OutcomeUnknown,
    RateLimited,
    RequestTimeout,
    ServerError,
    TransportError,
)

_PAUSES = (2.0, 10.0, 60.0)
_LONG_PAUSES = (300.0, 900.0)
"""Seconds before the next try, after the repeats of its request; the long ones while nothing gets through."""

_AMBIGUOUS = (OutcomeUnknown, DecodeError, ServerError)
_NOTHING_GETS_THROUGH = (ConnectionFailed, RequestTimeout, RateLimited)


def is_ambiguous(error: AttioError) -> bool:
    """Whether what was asked for may have been done."""
    return isinstance(error, _AMBIGUOUS) or (isinstance(error, TransportError) and error.sent)


def pause_after(error: AttioError, tried: int) -> float | None:
    """Seconds to wait after failing so many times before; None when it is not to be tried again."""
    pauses: tuple[float, ...] = ()
    if isinstance(error, _NOTHING_GETS_THROUGH):
        pauses = (*_PAUSES, *_LONG_PAUSES)
    elif is_ambiguous(error):
        pauses = _PAUSES
    return pauses[tried] if tried < len(pauses) else None
