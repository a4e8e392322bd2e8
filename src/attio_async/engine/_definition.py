"""The definition of a job: its function, its schedule and its retries."""

import random
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import attrs

from .._utils.checks import is_number
from .._utils.text import show
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ._job import Job

JobFunction = Callable[["Job"], Awaitable[object]]
"""The function of a job."""
Duration = str | float | timedelta
"""A length of time: a text such as "90s", "15m", "2h" or "1d", a number of seconds, or a timedelta."""

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_MAX_NAME_CHARS = 60
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_JITTER = 0.1


@attrs.frozen(kw_only=True)
class JobDefinition:
    """A job of an engine.

    Attributes:
        name: The name, under which its runs are kept.
        function: The function.
        every: Seconds between two runs; None for a job without a schedule.
        per_tenant: True if it runs for each tenant; False if it runs for none.
        retries: The number of retries before a run is dead.
        backoff: Seconds before the first retry; doubled for each further one.
        max_backoff: The most seconds before a retry.
        timeout: Seconds after which an attempt is cancelled, and fails; None for no limit.
        backfill: True if it yields to other jobs.
    """

    name: str
    function: JobFunction
    every: float | None
    per_tenant: bool
    retries: int
    backoff: float
    max_backoff: float
    timeout: float | None
    backfill: bool

    def lane(self, tenant: str) -> str:
        """Return what takes turns: the tenant, of which one job runs at a time by default, or a job that is for none."""
        return tenant if self.per_tenant else f"*{self.name}"

    @property
    def queue(self) -> str:
        """The queue of procrastinate: one for each job, so that a worker never fetches a job that it does not know."""
        return f"attio:{self.name}"

    @property
    def task(self) -> str:
        """The task of procrastinate."""
        return f"attio:{self.name}"

    def delay(self, attempt: int) -> float | None:
        """Return the seconds until the retry after this attempt, from 1; None if the run is dead."""
        if attempt > self.retries:
            return None
        delay = min(self.max_backoff, self.backoff * 2.0 ** min(attempt - 1, 62))
        return delay * random.uniform(1 - _JITTER, 1)  # noqa: S311 - spreads out retries


def check_name(name: str) -> str:
    """Return the name of a job.

    Raises:
        ConfigurationError: It is not valid.
    """
    if len(name) > _MAX_NAME_CHARS or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{show(name)} is not a valid name of a job: use letters, digits, '_', '-' and '.', at most {_MAX_NAME_CHARS}"
        )
    return name


def seconds_of(name: str, given: Duration, *, least: float = 0.0) -> float:
    """Return a length of time in seconds.

    Raises:
        ConfigurationError: It is not valid.
    """
    if isinstance(given, timedelta):
        seconds = given.total_seconds()
    elif isinstance(given, str):
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", given.strip())
        if found is None:
            raise ConfigurationError(
                f'{name} is not a valid length of time: {show(given)}. Write "90s", "15m", "2h" or "1d"'
            )
        seconds = float(found[1]) * _UNITS_S[found[2]]
    elif is_number(given):
        seconds = float(given)
    else:
        raise ConfigurationError(f'{name} must be a length of time such as "15m", not {show(given)}')
    if not least <= seconds < float("inf"):
        raise ConfigurationError(f"{name} must be at least {least:g} seconds, not {show(given)}")
    return seconds
