"""The TLS context that all clients share, since loading the certificates of the authorities costs 17 ms each time."""

import functools
import os
import ssl

import httpx

from ..errors import ConfigurationError

__all__ = ["tls_context"]

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
