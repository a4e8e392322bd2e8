"""Which addresses what is secret may be sent to. Pure."""

from urllib.parse import urlsplit

from ..errors import ConfigurationError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def private_url(name: str, url: str) -> str:
    """The address, if what is sent there stays private.

    Args:
        name: What the address is, for the message.
        url: The address.

    Raises:
        ConfigurationError: It is neither https nor http on this machine, or has a part that it must not have.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigurationError(f"{name} is no address") from None
    private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not (private and parts.hostname) or parts.fragment or parts.username or parts.password:
        raise ConfigurationError(f"{name} must be https, or http on this machine, and have no fragment")
    return url
