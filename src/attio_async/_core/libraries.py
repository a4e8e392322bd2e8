"""The HTTP libraries a client can send by. They have the same names for the same things: httpx is where they come from."""

import importlib
import sys
from typing import Any, Literal, cast, get_args

import attrs

from ..errors import ConfigurationError
from .failures import Failures

__all__ = ["Backend", "Library", "library_for", "library_of"]

Backend = Literal["httpx", "httpx2", "aiohttp"]

_NEEDS = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
"""What must be installed for a backend: each is an extra of the backend's name."""


@attrs.frozen
class Library:
    """One of them: its module, and what its exceptions mean."""

    module: Any
    failures: Failures

    @classmethod
    def named(cls, name: str) -> "Library":
        """The one of that name, which is installed."""
        module = importlib.import_module(name)
        return cls(module, Failures.of(module))


def library_for(backend: str) -> Library:
    """The library that a backend is used through.

    Raises:
        ConfigurationError: There is no such backend, or its extra is not installed.
    """
    if backend not in get_args(Backend):
        raise ConfigurationError(f"no backend {backend!r}; there is {', '.join(get_args(Backend))}")
    try:
        if backend in _NEEDS:
            importlib.import_module(_NEEDS[backend])
        return Library.named("httpx2" if backend == "httpx2" else "httpx")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is missing, which the backend {backend!r} needs: "
            f'pip install "attio-async[{backend}]"'
        ) from error


def library_of(given: object, kind: str, option: str) -> Library:
    """The library that something of the caller's belongs to.

    Args:
        given: A client or a transport.
        kind: The name of the class in each library of which it must be one.
        option: How the caller has named it, for the message.

    Raises:
        ConfigurationError: It belongs to none.
    """
    for name in ("httpx", "httpx2"):
        module = cast("Any", sys.modules.get(name))  # what it belongs to has been imported by the caller
        if module is not None and isinstance(given, getattr(module, kind)):
            return Library.named(name)
    raise ConfigurationError(f"{option} is an {kind} of httpx or httpx2, not a {type(given).__qualname__}")
