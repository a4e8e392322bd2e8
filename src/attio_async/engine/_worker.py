"""A worker: procrastinate's, with a dispatcher beside it, that lives through outages and drains when it is stopped."""

import asyncio
import logging
import math
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, cast

import attrs
import procrastinate
import psycopg
from procrastinate import jobs as procrastinate_jobs
from procrastinate.exceptions import ConnectorException

from .._client import Attio
from .._pool import AttioPool
from .._utils.checks import is_number
from .._utils.shield import finish
from ..bulk import PostgresJournal
from ..bulk._write.payload import encodable
from ..bulk._write.watch import JobWatch, watching
from ..errors import (
    AttioError,
    AuthenticationFailed,
    ConfigurationError,
    InputChanged,
    InvalidGrant,
    JobSuperseded,
)
from ._connector import CALL_PATIENCE_S, DurableConnector, database_error
from ._definition import JobDefinition
from ._fence import awake_s, fencing
from ._job import Job, Postponed
from ._reason import redacted
from ._store import EngineStore, RunOutcome, StartedRun, sync_prefix

_TICK_S = 1.0
_RESCUES_PER_LEASE = 3
_RESTART_PAUSE_S = 1.0
_SHORT_PAUSE_S = 0.05
_REPORT_INTERVAL_S = 10.0
_PRUNE_INTERVAL_S = 60.0
_POLL_INTERVAL_S = 5.0
_HEARTBEATS_PER_LEASE = 4
_DOUBTED_AFTER = 0.5
"""The part of a lease after which a run may have been taken over, as far as this worker knows."""
_CANCEL_TIMEOUT_S = 5.0
_NOT_REPEATABLE = "create"
"""The bulk job that would write rows twice if it began anew."""
_DELETED = procrastinate_jobs.DeleteJobCondition.SUCCESSFUL

_log = logging.getLogger("attio_async")


@attrs.frozen(kw_only=True)
class WorkerSettings:
    """The settings of a worker.

    Attributes:
        conninfo: The database, for journals.
        lease: Seconds after which the runs of a worker that is not heard of are taken over.
        grace: Seconds that jobs have to end when the worker is stopped.
        keep: Seconds that ended runs are kept.
    """

    conninfo: str = attrs.field(repr=False)
    lease: float
    grace: float
    keep: float


@attrs.define(eq=False)
class _ActiveRun:
    """A run that this worker does now."""

    definition: JobDefinition
    tenant: str
    started: StartedRun
    watch: JobWatch = attrs.field(factory=JobWatch)
    work: "asyncio.Task[object] | None" = None
    began: float = attrs.field(factory=time.monotonic)
    confirmed_at: float = 0.0
    confirming: asyncio.Lock = attrs.field(factory=asyncio.Lock)
    is_superseded: bool = False
    was_cancelled: bool = False

    @property
    def run(self) -> int:
        return self.started.run

    @property
    def epoch(self) -> int:
        return self.started.epoch

    @property
    def lane(self) -> str:
        return self.definition.lane(self.tenant)

    def stop(self, reason: str) -> None:
        """Let rows in flight finish, and write no further ones."""
        if self.watch.stop_reason is None:
            self.watch.stop(reason)

    def supersede(self) -> None:
        """End the run here, since another worker has it."""
        self.is_superseded = True
        self.cancel()

    def cancel(self) -> None:
        self.was_cancelled = True
        if self.work is not None:
            self.work.cancel()


class EngineWorker:
    """A worker in this process.

    Args:
        app: The app of procrastinate.
        connector: Its connector.
        store: The tables.
        definitions: The jobs, by name.
        pool: The clients of the tenants.
        settings: The settings.
        on_end: Called with what became of each attempt.
        resumed: How often each tenant with a client in the pool had been resumed.
        concurrency: The most runs at a time.
    """

    def __init__(
        self,
        *,
        app: procrastinate.App,
        connector: DurableConnector,
        store: EngineStore,
        definitions: Mapping[str, JobDefinition],
        pool: AttioPool,
        settings: WorkerSettings,
        on_end: Callable[[Job, str, float, RunOutcome], None],
        resumed: dict[str, int],
        concurrency: int,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
        self._app = app
        self._connector = connector
        self._store = store
        self._definitions = definitions
        self._pool = pool
        self._settings = settings
        self._on_end = on_end
        self._concurrency = concurrency
        self._active: dict[int, _ActiveRun] = {}
        self._usage = _Usage()
        self._resumed = resumed
        self._nudge = asyncio.Event()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Fetch no further run, and let those that run here stop at their next row."""
        if not self._stopping.is_set():
            self._stopping.set()
            asyncio.get_running_loop().call_later(self._settings.grace, self.cancel)
        for active in list(self._active.values()):
            active.stop("the worker is being stopped")

    def cancel(self) -> None:
        """Cancel the runs that still go on here. Their journals know what was written."""
        for active in list(self._active.values()):
            active.stop("the worker is being stopped")
            active.cancel()

    async def work(self, *, wait: bool) -> None:
        """Do runs until the worker is told to stop, or with wait=False until none is due."""
        self._connector.patience_s = math.inf
        try:
            await self._work(wait=wait)
        except (psycopg.Error, ConnectorException) as error:
            raise database_error(error) from None

    async def _work(self, *, wait: bool) -> None:
        side = asyncio.create_task(self._beside(), name="attio engine dispatcher")
        try:
            if wait:
                await self._serve()
            else:
                await self._drain_queue()
        finally:
            self.stop()
            self._connector.patience_s = CALL_PATIENCE_S
            side.cancel()
            await asyncio.wait([side])
            with suppress(ConfigurationError):
                await self._store.forget_worker(self.name)

    async def _serve(self) -> None:
        while not self._stopping.is_set():
            worker = asyncio.create_task(self._fetch(wait=True), name="attio engine worker")
            stopping = asyncio.create_task(self._stopping.wait())
            try:
                await asyncio.wait([worker, stopping], return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                self.stop()
                raise
            finally:
                stopping.cancel()
                worker.cancel()
                await finish(partial(_ended, worker))
            if not self._stopping.is_set():
                if not worker.cancelled() and worker.exception() is not None:
                    _log.warning(
                        "the worker of the engine starts again: %s", type(worker.exception()).__name__
                    )
                await _wait(self._stopping, _RESTART_PAUSE_S)

    async def _drain_queue(self) -> None:
        while True:
            await self._store.dispatch()
            await self._fetch(wait=False)
            if self._stopping.is_set() or not await self._store.open_runs():
                return
            await asyncio.sleep(_SHORT_PAUSE_S)  # until a lane is free

    async def _fetch(self, *, wait: bool) -> None:
        heartbeat = self._settings.lease / _HEARTBEATS_PER_LEASE
        tasks: Mapping[str, Any] = vars(self._app)["tasks"]  # whose type is partly unknown
        limits: dict[str, Any] = {"shutdown_graceful_timeout": self._settings.grace} if wait else {}
        await self._app.run_worker_async(
            queues=sorted({str(task.queue) for task in tasks.values()}),
            name=self.name,
            concurrency=self._concurrency,
            wait=wait,
            fetch_job_polling_interval=_POLL_INTERVAL_S,
            delete_jobs=_DELETED,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat,
            stalled_worker_timeout=self._settings.lease,
            **limits,
        )

    # One run

    async def perform(self, context: procrastinate.JobContext, tenant: str, run: str) -> None:
        """Do a run, as procrastinate's task for it. What becomes of it is stored; nothing is raised but cancellation."""
        definition = self._definitions[context.job.task_name.partition(":")[2]]
        assert context.job.id is not None  # noqa: S101 - it came from the database
        asked = awake_s()
        started = await self._store.start(int(run), context.job.id, self.name)
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(lambda _: self._nudge.set())  # procrastinate has finished the job by then
        if started is None:
            return
        active = _ActiveRun(definition, tenant, started, confirmed_at=asked)
        if started.is_paused:
            await self._release(active)
            return
        self._active[started.run] = active
        if self._stopping.is_set():
            active.stop("the worker is being stopped")
        try:
            await self._attempt(active)
        finally:
            del self._active[started.run]

    async def _attempt(self, active: _ActiveRun) -> None:
        failure: BaseException | None = None
        job: Job | None = None
        try:
            async with self._job(active) as job:
                failure = await self._outcome(active, job)
        except asyncio.CancelledError:
            active.was_cancelled = True
            await finish(partial(self._settle, active, job, None))
            raise
        except Exception as error:  # noqa: BLE001 - of the token function, which is the caller's
            failure = error
        await finish(partial(self._settle, active, job, failure))

    async def _outcome(self, active: _ActiveRun, job: Job) -> BaseException | None:
        """Run the function in a task of its own, which alone is cancelled, and return its error."""
        work = active.work = asyncio.ensure_future(self._call(active, job))
        try:
            done, _ = await asyncio.wait([work], timeout=active.definition.timeout)
            if not done:
                return TimeoutError("the job took longer than its timeout")
        finally:
            if not work.done():
                active.cancel()
                await finish(partial(_ended, work))
        if not work.cancelled():
            return work.exception()
        return None if active.was_cancelled else asyncio.CancelledError("the function was cancelled")

    async def _call(self, active: _ActiveRun, job: Job) -> None:
        with watching(active.watch), fencing(partial(self._confirm, active)):
            await active.definition.function(job)

    async def _confirm(self, active: _ActiveRun) -> None:
        """Return if the run belongs to this worker, as far as it was heard of lately; otherwise end it here."""
        if self._is_confirmed(active):
            return
        async with active.confirming:
            if self._is_confirmed(active):
                return
            asked = awake_s()
            if not await self._store.superseded({active.run: active.epoch}):
                active.confirmed_at = asked
                return
        active.supersede()
        await asyncio.sleep(_CANCEL_TIMEOUT_S)
        raise JobSuperseded(
            f"{active.definition.name} of run {active.run}", epoch=active.epoch, current=active.epoch + 1
        )

    def _is_confirmed(self, active: _ActiveRun) -> bool:
        return awake_s() - active.confirmed_at <= self._settings.lease * _DOUBTED_AFTER

    @asynccontextmanager
    async def _job(self, active: _ActiveRun) -> AsyncGenerator[Job]:
        journals: dict[str, PostgresJournal] = {}

        def journal(part: str) -> PostgresJournal:
            if part not in journals:
                journals[part] = PostgresJournal(
                    self._settings.conninfo,
                    job=journal_name(active.tenant, active.definition.name, active.run, part),
                    lease=self._settings.lease,
                    epoch=active.started.fence,
                    sync=sync_name(active.tenant, active.definition.name, part),
                )
            return journals[part]

        def make(attio: Attio | None) -> Job:
            return Job(
                name=active.definition.name,
                tenant=active.tenant,
                run=str(active.run),
                attempt=active.started.attempt,
                epoch=active.epoch,
                attio=attio,
                make_journal=journal,
                is_stopping=lambda: active.watch.stop_reason is not None,
            )

        try:
            if not active.definition.per_tenant:
                yield make(None)
                return
            if self._resumed.get(active.tenant, active.started.resumed) != active.started.resumed:
                await self._pool.forget(active.tenant)  # it may have another token by now
            self._resumed[active.tenant] = active.started.resumed
            async with self._pool.client(active.tenant) as attio:
                with self._usage.of(active.tenant, attio):
                    yield make(attio)
        finally:
            for each in journals.values():
                with suppress(AttioError):
                    await finish(each.aclose)

    async def _settle(self, active: _ActiveRun, job: Job | None, failure: BaseException | None) -> None:
        """Store what became of an attempt."""
        counts = Counter(_counts(active.watch))
        if job is not None:
            counts.update(_own_counts(job))
        failure = failure or _stop_error(active.watch)
        if active.is_superseded or isinstance(failure, JobSuperseded):
            return
        if isinstance(failure, AuthenticationFailed | InvalidGrant) or (
            job is None and isinstance(failure, LookupError)
        ):
            await self._pause(active, job, failure, counts)
        elif isinstance(failure, Postponed):
            outcome = RunOutcome(counts=counts)
            await self._store.wait(
                active.run,
                active.epoch,
                active.lane,
                failure.delay,
                outcome,
                is_attempt=False,
                is_interrupted=False,
            )
        elif isinstance(failure, InputChanged) and failure.verb != _NOT_REPEATABLE:
            await self._begin_anew(active, job, counts)
        elif failure is None and not active.was_cancelled and not active.watch.is_interrupted:
            await self._end(active, job, "succeeded", RunOutcome(counts=counts))
        elif failure is None or (active.watch.stop_reason is not None and active.was_cancelled):
            await self._release(active)
        else:
            await self._fail(active, job, failure, counts)

    async def _release(self, active: _ActiveRun) -> None:
        """Let the run go on later, on any worker. The attempt does not count."""
        await self._store.wait(
            active.run, active.epoch, active.lane, 0, RunOutcome(), is_attempt=False, is_interrupted=True
        )

    async def _begin_anew(self, active: _ActiveRun, job: Job | None, counts: Mapping[str, int]) -> None:
        """Let the run begin again without its journal, when nothing of its earlier attempts can be in flight."""
        reason = "the rows differ from those of the last attempt, so the run begins anew"
        outcome = RunOutcome(counts=counts, error="InputChanged", reason=reason)
        if active.definition.delay(active.started.attempt) is None:
            await self._end(active, job, "dead", outcome)
            return
        await self._store.remove_journals(active.run)
        await self._store.wait(
            active.run,
            active.epoch,
            active.lane,
            self._settings.lease,
            outcome,
            is_attempt=True,
            is_interrupted=False,
        )
        self._tell(active, job, "failed", outcome)

    async def _fail(
        self, active: _ActiveRun, job: Job | None, failure: BaseException, counts: Mapping[str, int]
    ) -> None:
        kind, reason = redacted(failure)
        outcome = RunOutcome(counts=counts, error=kind, reason=reason)
        _log.warning("run %s of %s failed: %s", active.run, active.definition.name, kind)
        _log.debug("the error of run %s", active.run, exc_info=failure)
        delay = active.definition.delay(active.started.attempt)
        if delay is None:
            await self._end(active, job, "dead", outcome)
        else:
            await self._store.wait(
                active.run, active.epoch, active.lane, delay, outcome, is_attempt=True, is_interrupted=False
            )
            self._tell(active, job, "failed", outcome)

    async def _pause(
        self, active: _ActiveRun, job: Job | None, failure: BaseException, counts: Mapping[str, int]
    ) -> None:
        if job is None and isinstance(failure, LookupError):
            kind, reason = "NoToken", "the tenant has no token"
        else:
            kind, reason = redacted(failure)
        outcome = RunOutcome(counts=counts, error=kind, reason=reason)
        if not active.definition.per_tenant:
            await self._end(active, job, "dead", outcome)
            return
        _log.warning("tenant %s is paused: %s", active.tenant, kind)
        await self._end(active, job, "failed", outcome, pause=reason)
        await self._pool.forget(active.tenant)

    async def _end(
        self,
        active: _ActiveRun,
        job: Job | None,
        state: str,
        outcome: RunOutcome,
        *,
        pause: str | None = None,
    ) -> None:
        if await self._store.end(active.run, active.epoch, active.tenant, state, outcome, pause=pause):
            self._tell(active, job, state, outcome)

    def _tell(self, active: _ActiveRun, job: Job | None, state: str, outcome: RunOutcome) -> None:
        if job is not None:
            self._on_end(job, state, time.monotonic() - active.began, outcome)

    # Beside the runs

    async def _beside(self) -> None:
        """File what is due, rescue what others left, and watch over the runs of this worker."""
        rescue_s = self._settings.lease / _RESCUES_PER_LEASE
        duties: list[tuple[Callable[[], Awaitable[object]], float]] = [
            (self._watch_runs, _TICK_S),
            (self.rescue, rescue_s),
            (self._report, min(_REPORT_INTERVAL_S, rescue_s)),
            (self._prune, _PRUNE_INTERVAL_S),
            (self._store.dispatch, 0),
        ]
        next_at = dict.fromkeys(range(len(duties)), 0.0)
        rescue = 1
        next_at[rescue] = time.monotonic() + rescue_s
        before = awake_s()
        while True:
            if self._was_away(before):
                next_at[rescue] = time.monotonic() + self._settings.lease
            before = awake_s()
            for number, (duty, interval) in enumerate(duties):
                if time.monotonic() < next_at[number]:
                    continue
                try:
                    await duty()
                except (AttioError, ConnectorException):
                    _log.warning("the dispatcher of the engine failed", exc_info=True)
                next_at[number] = time.monotonic() + interval
            await _wait(self._nudge, _TICK_S)
            self._nudge.clear()

    async def _watch_runs(self) -> None:
        """End the runs that belong to another worker by now, and let backfills yield."""
        if not self._active:
            return
        runs = dict(self._active)
        asked = awake_s()
        superseded = await self._store.superseded({run: active.epoch for run, active in runs.items()})
        for run, active in runs.items():
            if run not in superseded:
                active.confirmed_at = asked
            elif run in self._active:
                active.supersede()
        tenants = {each.tenant for each in runs.values() if each.definition.per_tenant}
        paused = await self._store.paused(sorted(tenants))
        for each in runs.values():
            if each.tenant in paused and each.definition.per_tenant:
                each.stop("the tenant is paused")
        await self._yield(runs)

    async def _yield(self, runs: Mapping[int, _ActiveRun]) -> None:
        backfills = [
            each for each in runs.values() if each.started.is_backfill and each.watch.stop_reason is None
        ]
        if not backfills:
            return
        fresh = await self._store.yielding([each.lane for each in backfills])
        for each in backfills:
            if each.lane in fresh:
                each.stop("the job yields to fresh work")
        if len(runs) >= self._concurrency and await self._store.starved():
            min(backfills, key=lambda each: each.began).stop("the job yields to fresh work")

    async def rescue(self) -> None:
        """Take over the runs of workers that are not heard of any more, and those that were lost on the way."""
        lease = self._settings.lease
        manager = self._app.job_manager
        asked = awake_s()
        stalled = await manager.get_stalled_jobs(seconds_since_heartbeat=lease)
        if self._was_away(asked):
            return
        for job in stalled:
            if not job.task_name.startswith("attio:"):
                continue
            assert job.id is not None  # noqa: S101 - it came from the database
            row = await self._store.run_of_job(int(str(job.task_kwargs["run"])), job.id)
            if row is not None:
                await self._take_over(row)
            with suppress(ConnectorException):  # another worker has finished it
                await manager.finish_job(job, procrastinate_jobs.Status.ABORTED, delete_job=True)
        await manager.prune_stalled_workers(lease)
        for row in await self._store.orphans(lease):
            await self._take_over(row)
            if row["job_id"] is not None:
                with suppress(ConnectorException):
                    await manager.finish_job_by_id_async(
                        row["job_id"], procrastinate_jobs.Status.ABORTED, delete_job=True
                    )

    def _was_away(self, since: float) -> bool:
        """Return True if this took so long that others may have had no chance to report: an outage, or a machine that slept."""
        return awake_s() - since > _TICK_S + self._settings.lease * _DOUBTED_AFTER

    async def _take_over(self, row: Mapping[str, Any]) -> None:
        """Let a run wait for another worker. A run that ended several workers is dead."""
        definition = self._definitions.get(row["job"])
        if definition is None:
            return
        epoch = await self._store.fence(row["run"], row["epoch"])
        if epoch is None:
            return
        outcome = RunOutcome(
            error="WorkerLost", reason="the worker of the run ended, or was not heard of for too long"
        )
        if definition.delay(row["attempt"]) is None:
            await self._store.end(row["run"], epoch, row["tenant"], "dead", outcome)
        else:
            lane = definition.lane(row["tenant"])
            await self._store.wait(row["run"], epoch, lane, 0, outcome, is_attempt=True, is_interrupted=True)

    async def _report(self) -> None:
        await self._store.see_worker(self.name, self._usage.take())

    async def _prune(self) -> None:
        await self._store.forget_workers(self._settings.lease)
        await self._store.expire(self._settings.keep)


@attrs.define
class _Used:
    """The client of a tenant, with the figures of the last report."""

    attio: Attio
    users: int = 0
    at: float = attrs.field(factory=time.monotonic)
    reads: int = 0
    writes: int = 0


class _Usage:
    """The requests of each tenant's client, as rates."""

    def __init__(self) -> None:
        self._clients: dict[str, _Used] = {}

    @contextmanager
    def of(self, tenant: str, attio: Attio) -> Generator[None]:
        """Measure a client while the block runs."""
        used = self._clients.get(tenant)
        if used is None or used.attio is not attio:
            stats = attio.limiter.stats()
            used = self._clients[tenant] = _Used(
                attio, reads=stats.reads.requests, writes=stats.writes.requests
            )
        used.users += 1
        try:
            yield
        finally:
            used.users -= 1

    def take(self) -> list[dict[str, Any]]:
        """Return the rates since the last report, of the clients in use since then."""
        taken: list[dict[str, Any]] = []
        now = time.monotonic()
        for tenant, used in list(self._clients.items()):
            stats = used.attio.limiter.stats()
            seconds = max(now - used.at, 0.001)
            taken.append(
                {
                    "tenant": tenant,
                    "reads": (stats.reads.requests - used.reads) / seconds,
                    "writes": (stats.writes.requests - used.writes) / seconds,
                    "allowed_reads": stats.reads.limit,
                    "allowed_writes": stats.writes.limit,
                    "limited_reads": stats.reads.rate_limited,
                    "limited_writes": stats.writes.rate_limited,
                }
            )
            used.at, used.reads, used.writes = now, stats.reads.requests, stats.writes.requests
            if not used.users:
                del self._clients[tenant]
        return taken


def journal_name(tenant: str, job: str, run: int, part: str = "") -> str:
    """Return the name of a journal of a run."""
    return "/".join(["engine", str(run), tenant, job, *([part] if part else [])])


def sync_name(tenant: str, job: str, part: str = "") -> str:
    """Return the name of the state of a sync, which all runs of a job share."""
    return sync_prefix(tenant) + "/".join([job, *([part] if part else [])])


def _counts(watch: JobWatch) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for report in watch.reports:
        for name in (
            "created",
            "updated",
            "deleted",
            "cleared",
            "flagged",
            "unchanged",
            "duplicate",
            "failed",
            "pending",
            "rate_limited",
        ):
            counts[name] += getattr(report, name, 0)  # only syncs clear and flag
    return {name: count for name, count in counts.items() if count}


def _own_counts(job: Job) -> dict[str, Any]:
    """Return the counts of the function's own that can be stored."""
    counts: dict[str, Any] = {}
    for name, count in cast("Mapping[object, Any]", job.counts).items():
        text = encodable(str(name)).replace("\0", "")
        number = math.nan
        with suppress(ValueError, OverflowError):
            number = float(count) if is_number(count) else math.nan
        if math.isfinite(number):
            counts[text] = count if isinstance(count, int) else number
        else:
            _log.warning("the count %r of the job %s is left out: it is not a number", text, job.name)
    return counts


def _stop_error(watch: JobWatch) -> AttioError | None:
    """Return the error that stopped a bulk job whose function returned all the same."""
    reasons = (report.stop_reason for report in watch.reports)
    return next((reason for reason in reasons if isinstance(reason, AttioError)), None)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer than that.

    `asyncio.wait_for` of Python 3.11 would lose a cancellation that comes in the moment of the event:
    https://github.com/python/cpython/issues/86296
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _ended(task: "asyncio.Task[Any]") -> None:
    await asyncio.wait([task])
