"""The state of an engine as people look at it: on the command line, on its page, and as JSON.

No value of a row is in it. Errors are redacted before they are stored.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import attrs

from attio_async_api.json_data import JsonData

from .._utils.public import public

RunState = Literal["queued", "running", "waiting", "succeeded", "failed", "dead", "superseded"]
"""The state of a run. A waiting one will be retried when it is due; a dead one was retried too often."""


@public
@attrs.frozen(kw_only=True)
class Run(JsonData):
    """A run of a job for a tenant. It stays the same over its retries, and when another worker takes it over.

    Attributes:
        run: The id.
        job: The name of the job.
        tenant: The tenant; empty for a job that is not per tenant.
        state: The state.
        attempt: The number of the last attempt, from 1; 0 before the first.
        epoch: The number of times that a worker started it. Only the last one may write.
        filed_at: When it was filed.
        due_at: When a run that waits is retried; None for others.
        started_at: When the last attempt started.
        ended_at: When it ended.
        worker: The worker that has it, or had it last.
        counts: The rows of the job by outcome, such as {"created": 10, "failed": 1}, as far as known.
        error: The kind of the last error, such as "AuthenticationFailed"; None if there was none.
        reason: The last error in words, without values of rows.
    """

    run: str
    job: str
    tenant: str
    state: RunState
    filed_at: datetime
    attempt: int = 0
    epoch: int = 0
    due_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str | None = None
    counts: Mapping[str, int] = attrs.field(factory=dict[str, int])
    error: str | None = None
    reason: str | None = None


@public
@attrs.frozen(kw_only=True)
class TenantStatus(JsonData):
    """A tenant of an engine.

    Attributes:
        tenant: The name.
        added_at: When it was added.
        concurrency: The most jobs of it at a time.
        paused_at: When it was paused; None if it is not.
        paused_reason: The reason, such as a revoked token.
        queued: Its runs that wait for a worker.
        running: Its runs that a worker has.
        waiting: Its runs that will be retried.
        dead: Its runs that were retried too often.
        last_success_at: When a run of it last succeeded.
    """

    tenant: str
    added_at: datetime
    concurrency: int = 1
    paused_at: datetime | None = None
    paused_reason: str | None = None
    queued: int = 0
    running: int = 0
    waiting: int = 0
    dead: int = 0
    last_success_at: datetime | None = None

    @property
    def is_paused(self) -> bool:
        """True if no job of it is run."""
        return self.paused_at is not None


@public
@attrs.frozen(kw_only=True)
class RateUse(JsonData):
    """The part of a tenant's rate limit that its jobs use, over all workers.

    Attributes:
        tenant: The tenant.
        kind: The requests that the limit is for.
        used: Requests per second, lately.
        allowed: The requests per second that are allowed now.
        rate_limited: Requests that were rate-limited, since the workers started.
    """

    tenant: str
    kind: Literal["reads", "writes"]
    used: float
    allowed: float
    rate_limited: int = 0


@public
@attrs.frozen(kw_only=True)
class NextRun(JsonData):
    """The next time that a schedule files a run.

    Attributes:
        job: The job.
        tenant: The tenant.
        every: The seconds between two runs.
        next_at: When the next one is filed.
    """

    job: str
    tenant: str
    every: float
    next_at: datetime


@public
@attrs.frozen(kw_only=True)
class WorkerStatus(JsonData):
    """A worker process.

    Attributes:
        worker: Its name, as runs give it.
        seen_at: When it last said that it is alive.
        running: The runs that it has.
    """

    worker: str
    seen_at: datetime
    running: int = 0


@public
@attrs.frozen(kw_only=True)
class Overview(JsonData):
    """The state of an engine at one moment, by the clock of its database.

    Lists are cut where they grow without bound; `counts` counts all.

    Attributes:
        at: The moment.
        counts: All runs by state, and "tenants" and "paused" among the keys.
        tenants: The tenants, those with something wrong first.
        runs: The latest runs, those that are running first.
        rates: Rates used of those allowed, the busiest first.
        dead_letters: The runs that were retried too often, the latest first.
        next_runs: The next run of each schedule, the earliest first. Jobs that no worker has any more are left out.
        workers: The workers.
    """

    at: datetime
    counts: Mapping[str, int] = attrs.field(factory=dict[str, int])
    tenants: tuple[TenantStatus, ...] = ()
    runs: tuple[Run, ...] = ()
    rates: tuple[RateUse, ...] = ()
    dead_letters: tuple[Run, ...] = ()
    next_runs: tuple[NextRun, ...] = ()
    workers: tuple[WorkerStatus, ...] = ()
