"""Checks of options: numbers, and URLs that secrets may be sent to."""

import re
from collections.abc import Callable, Collection
from contextlib import suppress
from decimal import Decimal
from ipaddress import ip_address
from socket import inet_aton
from typing import Any
from urllib.parse import urlsplit

import attrs

from ..errors import ConfigurationError
from .text import show

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The usual names of this machine."""


def is_loopback(host: str | None) -> bool:
    """Return True for a name or address of this machine, also in the unusual ways that systems take."""
    name = (host or "").lower().removesuffix(".").partition("%")[0]
    if name in LOOPBACK or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:  # such as 127.1
        with suppress(OSError, UnicodeError):
            return inet_aton(name)[0] == _LOOPBACK_NETWORK and name[:1].isdigit()
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


_LOOPBACK_NETWORK = 127
"""The first byte of all addresses of IPv4 that are this machine."""


def is_number(value: object) -> bool:
    """Return True for what can be compared with a number: callers may not be typed."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def check_at_least(least: float, **numbers: float) -> None:
    """Raise an error unless each number, given by its name, is at least `least`.

    Raises:
        ConfigurationError: A number is less, or is not a number.
    """
    for name, value in numbers.items():
        if not is_number(value) or not value >= least:
            raise ConfigurationError(f"{name} must be at least {least}, not {show(value)}")


def check_count(least: int, **counts: int) -> None:
    """Raise an error unless each count, given by its name, is a whole number and at least `least`.

    Raises:
        ConfigurationError: A count is less, or is not a whole number.
    """
    for name, value in counts.items():
        _check_whole(name, value)
    check_at_least(least, **counts)


def _check_whole(name: str, value: object) -> None:
    if is_number(value) and not isinstance(value, int):
        raise ConfigurationError(f"{name} must be a whole number, not {show(value)}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise an error unless a value is one of a few texts.

    Raises:
        ConfigurationError: It is not.
    """
    if isinstance(value, str) and value in choices:
        return
    known = [repr(choice) for choice in choices]
    listed = " or ".join(known) if len(known) <= 2 else f"one of {', '.join(choices)}"  # noqa: PLR2004
    raise ConfigurationError(f"{name} must be {listed}, not {show(value)}")


def check_range(least: int, most: int, **numbers: int) -> None:
    """Raise an error unless each number, given by its name, is a whole one in a range.

    Raises:
        ConfigurationError: A number is not.
    """
    for name, value in numbers.items():
        _check_whole(name, value)
        if not is_number(value) or not least <= value <= most:
            raise ConfigurationError(f"{name} must be from {least} to {most}, not {show(value)}")


def at_least(least: float) -> Callable[[object, "attrs.Attribute[Any]", float], None]:
    """Return a validator of attrs: the field must be at least `least`."""
    return lambda _, attribute, value: check_at_least(least, **{attribute.name: value})


def positive(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    """Validate a field of attrs that must be more than 0.

    Raises:
        ConfigurationError: It is not.
    """
    if not is_number(value) or not value > 0:
        raise ConfigurationError(f"{attribute.name} must be more than 0, not {show(value)}")


_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_MAX_HOST_CHARS = 253


def is_host(host: str | None) -> bool:
    """Return True for the name or address of a host; one in other letters counts by its ASCII form."""
    if not host or len(host) > _MAX_HOST_CHARS:
        return False
    if ":" in host:
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return True
    try:
        return _HOST.fullmatch(host if host.isascii() else host.encode("idna").decode()) is not None
    except UnicodeError:
        return False


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
    except (ValueError, TypeError, AttributeError):  # the last two for what is not a text
        raise ConfigurationError(f"{name} is not a valid URL") from None
    authority = url.partition("//")[2].partition("/")[0]
    if not url.isprintable() or " " in authority or (parts.hostname and not is_host(parts.hostname)):
        raise ConfigurationError(f"{name} is not a valid URL")
    is_private = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not (is_private and parts.hostname) or parts.fragment or parts.username or parts.password:
        raise ConfigurationError(
            f"{name} must be https, or http on this machine, without user, password or fragment"
        )
    return url
