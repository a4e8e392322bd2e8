"""URLs that secrets may be sent to. Pure."""

from urllib.parse import urlsplit

from ..errors import ConfigurationError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def private_url(name: str, url: str) -> str:
    """Return the URL if requests to it stay private: over https, or over http on this machine.

    Args:
        name: The name of the URL, for the message.
        url: The URL. It may have neither a user, a password nor a fragment.

    Raises:
        ConfigurationError: It is not such a URL. The message does not show it, since it may contain a password.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is not a valid URL") from None
    is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (is_private and parts.hostname) or parts.fragment or parts.username or parts.password:
        raise ConfigurationError(
            f"{name} must be https, or http on this machine, without user, password or fragment"
        )
    return url
