"""Whether a delivery is Attio's. Pure.

Attio signs the bytes of the body, and nothing else, with the webhook's secret: HMAC-SHA256, in hex.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import cast

from ..errors import ConfigurationError

SIGNATURE_HEADERS = ("attio-signature", "x-attio-signature")
"""The headers that carry the signature, in lower case. Both say the same; the second is the older one."""

Body = bytes | bytearray | memoryview
Secrets = str | Iterable[str]
"""One secret, or several while one is being replaced by another."""

_DIGITS = hashlib.sha256().digest_size * 2
_HEX = frozenset("0123456789abcdef")


def sign(body: Body, secret: str) -> str:
    """The signature that Attio sends with this body: 64 hex digits in lower case.

    Raises:
        ConfigurationError: The secret is empty.
    """
    (key,) = secrets_of(secret)
    return _signature(_raw(body), key)


def verify(body: Body, signature: str | bytes | None, secret: Secrets) -> bool:
    """Whether the signature is one of the secret's for exactly these bytes; False also when there is none.

    The time it takes tells nothing about the right signature.

    Args:
        body: The body as it arrived. Decoded and encoded again it has other bytes, and another signature.
        signature: What `Attio-Signature` says; hex digits in either case.
        secret: The webhook's secret, or several, any of which will do.

    Raises:
        ConfigurationError: There is no secret, or an empty one, which anybody could sign with.
        TypeError: The body is not bytes.
    """
    raw, keys = _raw(body), secrets_of(secret)
    given = _digits(signature)
    if given is None:
        return False
    matches = [hmac.compare_digest(_signature(raw, key), given) for key in keys]
    return any(matches)


def secrets_of(secret: Secrets) -> tuple[str, ...]:
    """All the secrets, checked.

    Raises:
        ConfigurationError: There is none, or one is empty.
    """
    secrets = (secret,) if isinstance(secret, str) else tuple(secret)
    if not secrets or not all(secrets):
        raise ConfigurationError("a webhook's secret must not be empty: anybody could sign with it")
    return secrets


def _raw(body: object) -> Body:
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(
            f"the signature is of the body's bytes as they arrived, not of a {type(body).__name__}"
        )
    return cast("Body", body)


def _signature(body: Body, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _digits(signature: str | bytes | None) -> str | None:
    """The signature in lower case; None when it is missing or cannot be one."""
    text = signature.decode("latin-1") if isinstance(signature, bytes) else signature or ""
    digits = text.strip().lower()
    return digits if len(digits) == _DIGITS and _HEX.issuperset(digits) else None
