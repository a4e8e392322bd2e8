"""The argument of a job's function: its tenant, a client, and the journals of its run."""

from collections import Counter
from collections.abc import Callable
from typing import TypedDict

import attrs

from .._client import Attio
from .._utils.public import public
from ..bulk import PostgresJournal
from ..errors import ConfigurationError


@public
class Durable(TypedDict):
    """The options that let a bulk job resume on any machine.

    Attributes:
        journal: The journal of this run, in the database of the engine.
    """

    journal: PostgresJournal


class Postponed(Exception):
    """Raised by a function of the engine's own whose run is to go on later. The attempt does not count.

    Attributes:
        delay: The seconds until then.
    """

    def __init__(self, delay: float) -> None:
        super().__init__(f"the run goes on in {delay:.1f} seconds")
        self.delay = delay


@public
@attrs.frozen(kw_only=True, eq=False)
class Job:
    """One attempt of a run, which the function of the job gets.

    Attributes:
        name: The name of the job.
        tenant: The tenant; empty for a job that is not per tenant.
        run: The id of the run. It stays the same over retries, and when another worker takes the run over.
        attempt: The number of this attempt, from 1.
        epoch: The number of times that a worker started the run. Only the last one may write.
        counts: Counts of the function's own, such as ``job.counts["sent"] += 1``, which are shown with those of its bulk
            jobs.
    """

    name: str
    tenant: str
    run: str
    attempt: int
    epoch: int
    counts: Counter[str] = attrs.field(factory=Counter[str], repr=False)
    _attio: Attio | None = attrs.field(repr=False, alias="attio")
    _make_journal: Callable[[str], PostgresJournal] = attrs.field(repr=False, alias="make_journal")
    _is_stopping: Callable[[], bool] = attrs.field(repr=False, alias="is_stopping")

    @property
    def attio(self) -> Attio:
        """The client of the tenant. The engine closes it.

        Raises:
            ConfigurationError: The job is not per tenant.
        """
        if self._attio is None:
            raise ConfigurationError(f"the job {self.name!r} is not per tenant, so it has no client")
        return self._attio

    @property
    def durable(self) -> Durable:
        """The options that let one bulk job or sync of this run resume on any machine.

        ``upsert_many(rows, match="domains", **job.durable)``, or ``sync_to(...)``, whose state all runs of the job share.

        A second bulk job of the same function needs a journal of its own: ``journal=job.journal("people")``.
        """
        return {"journal": self.journal()}

    def journal(self, part: str = "") -> PostgresJournal:
        """Return the journal of one bulk job of this run, in the database of the engine.

        Args:
            part: Its name, where the run has several bulk jobs.
        """
        return self._make_journal(part)

    @property
    def is_stopping(self) -> bool:
        """True if the function is to end soon: the worker is being stopped, or the job yields to others.

        Bulk jobs stop by themselves then. A loop of your own looks here, and returns; the run is started again later.
        """
        return self._is_stopping()
