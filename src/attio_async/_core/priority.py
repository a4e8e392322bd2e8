"""How urgent the requests of a task are."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from ..errors import ConfigurationError

__all__ = ["Priority", "current_priority", "priority"]

Priority = Literal["interactive", "bulk"]

_RANKS = {"interactive": 0, "bulk": 1}
_rank: ContextVar[int] = ContextVar("attio_priority", default=0)


@contextmanager
def priority(level: Priority) -> Generator[None]:
    """Requests made inside, also by tasks started inside, wait behind or before the others.

    As long as interactive requests wait for a permit, no bulk request gets one. Outside, requests are interactive;
    jobs over many rows are bulk by themselves.

    Raises:
        ConfigurationError: There is no such level.
    """
    if level not in _RANKS:
        raise ConfigurationError(f"the priority is 'interactive' or 'bulk', not {level!r}")
    token = _rank.set(_RANKS[level])
    try:
        yield
    finally:
        _rank.reset(token)


def current_priority() -> int:
    """The rank of this task's requests; the lowest goes first."""
    return _rank.get()
