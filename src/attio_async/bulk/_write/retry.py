"""The retries of rows that failed through no fault of their own. Pure."""

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

_PAUSES_S = (2.0, 10.0, 60.0)
"""The pauses before a row is retried, after the retries of its request."""
_OUTAGE_PAUSES_S = (*_PAUSES_S, 300.0, 900.0)
"""The pauses while no request gets through."""

_AMBIGUOUS = (OutcomeUnknown, DecodeError, ServerError)
_OUTAGE = (ConnectionFailed, RequestTimeout, RateLimited)


def is_ambiguous(error: AttioError) -> bool:
    """Return True if the request may have been carried out."""
    return isinstance(error, _AMBIGUOUS) or (isinstance(error, TransportError) and error.sent)


def pause_after(error: AttioError, tried: int) -> float | None:
    """Return the seconds to wait after the error, when `tried` attempts failed before; None if it is not retried."""
    pauses: tuple[float, ...] = ()
    if isinstance(error, _OUTAGE):
        pauses = _OUTAGE_PAUSES_S
    elif is_ambiguous(error):
        pauses = _PAUSES_S
    return pauses[tried] if tried < len(pauses) else None
