"""An error in words that may be stored and shown: without values of rows, tokens or texts of others."""

import traceback
from pathlib import Path

from ..errors import (
    APIError,
    AttioError,
    ConfigurationError,
    OAuthError,
    StorageError,
    TransportError,
)

_SHOWN = (APIError, ConfigurationError, OAuthError, StorageError, TransportError)
"""Errors whose messages are about requests and settings, not about rows."""
_MAX_CHARS = 500


def redacted(error: BaseException) -> tuple[str, str]:
    """Return the kind of an error, and what may be said about it.

    The messages of errors that may quote values, and of all that are not of this package, are left out: the place in the
    code is told instead. The log has the rest.
    """
    kind = type(error).__name__
    if isinstance(error, APIError):
        return kind, f"the API answered {error.status}"
    if isinstance(error, AttioError) and isinstance(error, _SHOWN):
        return kind, str(error).partition("\n")[0][:_MAX_CHARS]
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if "site-packages" not in frame.filename and "attio_async" not in frame.filename
    ]
    if not own:
        return kind, f"{kind} was raised"
    last = own[-1]
    return kind, f"{kind} was raised in {last.name}, {Path(last.filename).name} line {last.lineno}"
