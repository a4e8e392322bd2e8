"""The priority of requests: interactive ones go before those of jobs over many rows."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from .._utils.public import public
from ..errors import ConfigurationError

Priority = Literal["interactive", "bulk"]

_RANKS = {"interactive": 0, "bulk": 1}

_rank: ContextVar[int] = ContextVar("attio_priority", default=0)


@public
@contextmanager
def priority(level: Priority) -> Generator[None]:
    """Set the priority of requests made inside, also by tasks started inside.

    No bulk request gets a permit while interactive ones wait for one. Requests are interactive by default; jobs over
    many rows set "bulk" themselves.

    Raises:
        ConfigurationError: The level is unknown.
    """
    if level not in _RANKS:
        raise ConfigurationError(f"the priority must be 'interactive' or 'bulk', not {level!r}")
    token = _rank.set(_RANKS[level])
    try:
        yield
    finally:
        _rank.reset(token)


def current_rank() -> int:
    """Return the rank of requests of this task; the lowest goes first."""
    return _rank.get()
