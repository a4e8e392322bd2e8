"""Sign and verify deliveries. Pure.

Attio signs the bytes of the body, and nothing else, with the webhook's secret: HMAC-SHA256 in hex
(https://docs.attio.com/rest-api/how-to/webhooks, "Authenticating").
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import cast

from .._utils.public import public
from .._utils.secret import guarded
from ..errors import ConfigurationError

SIGNATURE_HEADERS = ("attio-signature", "x-attio-signature")
"""The headers that carry the signature, in lower case. Both have the same value; the second is for old middleware."""

Body = bytes | bytearray | memoryview
"""The bytes of a delivery."""
Secrets = str | Iterable[str]
"""One secret, or several while one replaces another."""

_SIGNATURE_CHARS = hashlib.sha256().digest_size * 2
_HEX_DIGITS = frozenset("0123456789abcdef")


@public
@guarded
def sign(body: Body, secret: str) -> str:
    """Return the signature that Attio sends with a body: 64 hex digits in lower case.

    Raises:
        ConfigurationError: The secret is empty.
        TypeError: The body is not bytes.
    """
    (key,) = secrets_of(secret)
    return _signature(_checked(body), key)


@public
@guarded
def verify(body: Body, signature: str | bytes | None, secret: Secrets) -> bool:
    """Return True if the signature was made with the secret for exactly these bytes; False also without a signature.

    The time it takes reveals nothing about the right signature.

    Args:
        body: The body as it arrived. Decoded and encoded again it has other bytes, and another signature.
        signature: The value of the header `Attio-Signature`: hex digits in either case.
        secret: The webhook's secret, or several of which any may match. Surrounding blanks are ignored.

    Raises:
        ConfigurationError: No secret is given, or one is empty, so that anybody could sign with it.
        TypeError: The body is not bytes.
    """
    raw, keys = _checked(body), secrets_of(secret)
    given = _digits(signature)
    if given is None:
        return False
    matches = [hmac.compare_digest(_signature(raw, key), given) for key in keys]
    return any(matches)


def secrets_of(secret: Secrets) -> tuple[str, ...]:
    """Return all secrets, without surrounding blanks.

    Raises:
        ConfigurationError: None is given, or one is empty or not a text.
    """
    given = cast("object", secret)  # callers may not be typed, and a variable that is not set is None
    several = [given]
    if isinstance(given, Iterable) and not isinstance(given, str | bytes):
        several = list(cast("Iterable[object]", given))
    secrets = tuple(each.strip() for each in several if isinstance(each, str))
    if len(secrets) < len(several):
        raise ConfigurationError("a webhook's secret must be a text, and one that is not was given")
    if not secrets or not all(secrets):
        raise ConfigurationError("a webhook's secret must not be empty: anybody could sign with it")
    return secrets


def _checked(body: object) -> Body:
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"the body must be the bytes as they arrived, not {type(body).__name__}")
    return cast("Body", body)


def _signature(body: Body, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _digits(signature: str | bytes | None) -> str | None:
    """Return the signature in lower case; None if it is missing or malformed."""
    text = signature.decode("latin-1") if isinstance(signature, bytes) else signature or ""
    digits = text.strip().lower()
    return digits if len(digits) == _SIGNATURE_CHARS and _HEX_DIGITS.issuperset(digits) else None
