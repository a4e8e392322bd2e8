"""The tables of an engine: tenants, schedules and runs, beside those of procrastinate in the same database."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
import procrastinate
import psycopg
from procrastinate import jobs as procrastinate_jobs
from procrastinate.exceptions import ConnectorException
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from .._storage.database import load_statements
from ..bulk import PostgresSyncState
from ..errors import ConfigurationError
from ..webhooks import Delivery
from ._connector import Connection, DurableConnector, database_error
from ._definition import JobDefinition
from ._overview import NextRun, Overview, RateUse, Run, TenantStatus, WorkerStatus

T = TypeVar("T")
Row = dict[str, Any]

FORMAT_VERSION = 2
"""The format of the tables. Another one is refused."""
FRESH_PRIORITY = 0
BACKFILL_PRIORITY = -10
_SQL = load_statements(__name__, "engine.sql", "deliveries.sql")
_INVALID = {
    "error": "InvalidDelivery",
    "why": "the body of a delivery is invalid",
    "done": "[]",
    "reason": None,
    "attempts": 0,
}
"""The columns of the dead run that stands for an invalid delivery, and of that delivery."""
_FILED_AT_ONCE = 500
_RUNS_REMOVED_AT_ONCE = 1_000
_LISTED = 1_000


@attrs.frozen(kw_only=True)
class StartedRun:
    """A run that this worker may do now.

    Attributes:
        run, epoch, attempt: Those of the run.
        fence: The epoch of its journals: higher than that of any run that was started before.
        is_backfill: True if it yields to others.
        is_paused: True if its tenant was paused meanwhile.
        resumed: How often the tenant was resumed, maybe with another token.
    """

    run: int
    epoch: int
    attempt: int
    fence: int
    is_backfill: bool
    is_paused: bool
    resumed: int


@attrs.frozen(kw_only=True)
class RunOutcome:
    """The outcome of an attempt, as it is stored.

    Attributes:
        counts: The rows of its jobs, by outcome.
        error: The kind of the error that ended it.
        reason: The error in words, without values of rows.
    """

    counts: Mapping[str, int] = attrs.field(factory=dict[str, int])
    error: str | None = None
    reason: str | None = None


class EngineStore:
    """The tables of an engine.

    Args:
        app: The app of procrastinate, whose jobs are filed in the same transactions.
        connector: Its connector.
        definitions: The jobs, by name.
        max_wait: The longest time that a run may wait for its retry; one that is further away was written before the
            clock of the database was set back.
    """

    def __init__(
        self,
        app: procrastinate.App,
        connector: DurableConnector,
        definitions: Mapping[str, JobDefinition],
        *,
        max_wait: Callable[[], float],
    ) -> None:
        self._app = app
        self._connector = connector
        self._definitions = definitions
        self._max_wait = max_wait

    # Tables

    async def create(self) -> None:
        """Create the tables that are missing, those of procrastinate too."""

        async def create(connection: Connection) -> None:
            await self._run(connection, "exclusive")
            ours, theirs = await self._tables(connection)
            if not theirs:
                await connection.execute(self._app.schema_manager.get_schema())
            if not ours:
                statement = _SQL["tables"].replace("%(version)s", str(FORMAT_VERSION))
                await connection.execute(statement.encode())

        await self._transact(create)
        await self.check()

    async def check(self) -> None:
        """Check that the tables are there and have the format that this version writes.

        Raises:
            ConfigurationError: They are not, or have another one.
        """

        async def check(connection: Connection) -> int | None:
            if not all(await self._tables(connection)):
                return None
            rows = await self._fetch(connection, "format")
            return int(rows[0]["version"]) if rows else 0

        version = await self._transact(check)
        if version is None:
            raise ConfigurationError(
                "the database has no tables of an engine. Create them with: attio-async engine init"
            )
        if version != FORMAT_VERSION:
            raise ConfigurationError(
                f"the tables of the engine have format {version}, and this version of attio-async writes format "
                f"{FORMAT_VERSION}. Use the version that created them, or another database"
            )

    async def _tables(self, connection: Connection) -> tuple[bool, bool]:
        cursor = await connection.execute(_SQL["format_exists"].encode())
        ((ours, theirs),) = await cursor.fetchall()
        return bool(ours), bool(theirs)

    # Tenants

    async def add_tenant(self, tenant: str, concurrency: int | None) -> None:
        """Add a tenant, whose scheduled jobs are due now, or change how many jobs of it run at a time."""

        async def add(connection: Connection) -> None:
            await self._run(connection, "add_tenant", tenant=tenant, concurrency=concurrency)
            await self._schedule(connection, tenant)

        await self._transact(add)

    async def tenant(self, tenant: str) -> Row | None:
        """Return a tenant."""
        rows = await self._read("tenant", tenant=tenant)
        return rows[0] if rows else None

    async def pause(self, tenant: str, reason: str) -> bool:
        """Pause a tenant; return False if there is none of that name."""
        return bool(await self._change("pause", tenant=tenant, reason=reason))

    async def resume(self, tenant: str) -> bool:
        """Resume a tenant; return False if there is none of that name."""
        return bool(await self._change("resume", tenant=tenant))

    async def remove_tenant(self, tenant: str) -> bool:
        """Remove a tenant with all that is kept about it; return False if there is none of that name."""

        async def remove(connection: Connection) -> bool:
            await self._run(connection, "lock_lane", lane=tenant)
            if not await self._run(connection, "remove_tenant", tenant=tenant):
                return False
            await self._run(connection, "remove_schedules", tenant=tenant)
            await self._run(connection, "remove_usage", tenant=tenant)
            await self._run(connection, "remove_deliveries", tenant=tenant)
            runs = await self._fetch(connection, "remove_runs", tenant=tenant)
            await self._remove_journals(connection, runs)
            return True

        for sync in await self._transact(lambda connection: self._syncs(connection, tenant)):
            await PostgresSyncState(self._connector.conninfo, name=sync).delete()
        return await self._transact(remove)

    async def _syncs(self, connection: Connection, tenant: str) -> list[str]:
        """Return the names of the states of a tenant's syncs."""
        ((has_syncs,),) = await (await connection.execute(_SQL["has_syncs"].encode())).fetchall()
        if not has_syncs:
            return []
        return [row["sync"] for row in await self._fetch(connection, "syncs", prefix=sync_prefix(tenant))]

    async def tenants(self, limit: int | None = None) -> list[TenantStatus]:
        """Return the tenants, those with something wrong first."""
        return [TenantStatus(**row) for row in await self._read("tenants", limit=limit)]

    # Schedules

    async def schedule(self) -> None:
        """Add the schedules that are missing, and change those whose interval is another one now."""
        await self._transact(lambda connection: self._schedule(connection, None))

    async def _schedule(self, connection: Connection, tenant: str | None) -> None:
        scheduled = [each for each in self._definitions.values() if each.every is not None]
        ours = [each for each in scheduled if each.per_tenant]
        await self._run(
            connection,
            "schedule",
            jobs=[each.name for each in ours],
            everys=[each.every for each in ours],
            tenant=tenant,
        )
        for each in scheduled:
            if not each.per_tenant and tenant is None:
                await self._run(connection, "schedule_own", job=each.name, every=each.every)

    # Filing

    async def file(self, definition: JobDefinition, tenant: str, *, priority: int) -> int:
        """File a run, or bring the one forward that waits; return its id. It starts once its lane is free."""

        async def file(connection: Connection) -> int:
            run = await self._add_run(connection, definition, tenant, priority=priority)
            await self._queue(connection, [definition.lane(tenant)])
            return run

        return await self._transact(file)

    async def _add_run(
        self, connection: Connection, definition: JobDefinition, tenant: str, *, priority: int
    ) -> int:
        lane = definition.lane(tenant)
        await self._run(connection, "lock_lane", lane=lane)
        rows = await self._fetch(
            connection,
            "add_run",
            job=definition.name,
            tenant=tenant,
            lane=lane,
            is_backfill=definition.backfill,
            priority=priority,
        )
        return int(rows[0]["run"])

    async def dispatch(self) -> int:
        """File what is due: of schedules, of retries, and of what waited for its lane. Return the number of runs queued."""

        async def add_due(connection: Connection) -> None:
            due = await self._fetch(
                connection, "due_schedules", jobs=list(self._definitions), limit=_FILED_AT_ONCE
            )
            # In one order, so that two dispatchers do not wait for each other.
            due.sort(key=lambda row: (self._definitions[row["job"]].lane(row["tenant"]), row["job"]))
            for each in due:
                definition = self._definitions[each["job"]]
                await self._add_run(connection, definition, each["tenant"], priority=FRESH_PRIORITY)
                await self._run(connection, "advance_schedule", **each)

        async def queue(connection: Connection) -> int:
            due = await self._fetch(
                connection,
                "due_lanes",
                jobs=list(self._definitions),
                max_wait=self._max_wait(),
                limit=_FILED_AT_ONCE,
            )
            lanes = [each["lane"] for each in due]
            free = await self._fetch(connection, "try_lanes", lanes=lanes) if lanes else []
            return await self._queue(connection, [each["lane"] for each in free])

        await self._transact(add_due)
        return await self._transact(queue)

    async def _queue(self, connection: Connection, lanes: Sequence[str]) -> int:
        """Hand the next due runs of each lane to procrastinate. The caller holds the locks of the lanes."""
        if not lanes:
            return 0
        runs = await self._fetch(
            connection,
            "queue_lanes",
            lanes=list(lanes),
            jobs=list(self._definitions),
            max_wait=self._max_wait(),
        )
        runs.sort(key=lambda row: (row["is_backfill"], row["due_at"], row["run"]))
        if not runs:
            return 0
        jobs = await self._app.job_manager.batch_defer_jobs_async(
            [self._procrastinate_job(row) for row in runs], connection=connection
        )
        for row, job in zip(runs, jobs, strict=True):
            await self._run(connection, "note_job", run=row["run"], job_id=job.id)
        return len(runs)

    def _procrastinate_job(self, run: Row) -> procrastinate_jobs.Job:
        definition = self._definitions[run["job"]]
        return procrastinate_jobs.Job(
            id=None,
            queue=definition.queue,
            lock=run["lock"],
            queueing_lock=run["lock"],
            task_name=definition.task,
            priority=BACKFILL_PRIORITY if run["is_backfill"] else FRESH_PRIORITY,
            task_kwargs={"tenant": run["tenant"], "run": str(run["run"])},
        )

    # Webhooks

    async def deliver(
        self, definition: JobDefinition, tenant: str, delivery: Delivery, *, invalid: bool
    ) -> bool | None:
        """Store a delivery and file the run that handles it, both or neither.

        Args:
            definition: The job that handles deliveries.
            tenant: The tenant.
            delivery: The delivery.
            invalid: True makes it a dead letter at once.

        Returns:
            False if its key is known; None if the tenant is not.
        """

        async def deliver(connection: Connection) -> bool | None:
            words = {"tenant": tenant, "key": delivery.key, "job": definition.name}
            (found,) = await self._fetch(connection, "deliver", body=delivery.body, **words)
            if not found["is_known"]:
                return None
            if not found["is_new"]:
                return False
            if invalid:
                await self._fetch(connection, "bury_delivery", **words, **_INVALID)
            elif not found["is_ahead"]:
                await self._add_run(connection, definition, tenant, priority=FRESH_PRIORITY)
                await self._queue(connection, [definition.lane(tenant)])
            return True

        return await self._transact(deliver)

    async def ask(self, name: str, **words: Any) -> list[Row]:
        """Run a statement about deliveries in a transaction of its own, and return its rows."""
        return await self._read(name, **words)

    # The life of a run

    async def start(self, run: int, job_id: int, worker: str) -> StartedRun | None:
        """Begin an attempt, in a new epoch; None if the run is no longer that job's."""
        rows = await self._change("start", run=run, job_id=job_id, worker=worker)
        if not rows:
            return None
        row = rows[0]
        return StartedRun(
            run=run,
            epoch=row["epoch"],
            attempt=row["attempt"],
            fence=row["fence"],
            is_backfill=row["is_backfill"],
            is_paused=bool(row["is_paused"]),
            resumed=row["resumed"] or 0,
        )

    async def end(
        self, run: int, epoch: int, tenant: str, state: str, outcome: RunOutcome, *, pause: str | None = None
    ) -> bool:
        """End a run, and pause its tenant if there is a reason; return False if another worker has the run by now."""

        async def end(connection: Connection) -> bool:
            words = {"run": run, "epoch": epoch, "state": state, **_columns(outcome)}
            ended = await self._fetch(connection, "end", **words)
            if ended and state == "succeeded":
                await self._run(connection, "succeed_tenant", tenant=tenant)
            if ended and pause is not None:
                await self._run(connection, "pause", tenant=tenant, reason=pause)
            return bool(ended)

        return await self._transact(end)

    async def wait(
        self,
        run: int,
        epoch: int,
        lane: str,
        delay: float,
        outcome: RunOutcome,
        *,
        is_attempt: bool,
        is_interrupted: bool,
    ) -> bool:
        """Let a run wait for its next attempt, without its lane; return False if another worker has it by now.

        One that was interrupted goes on before later ones. One that failed is superseded if the same job is enqueued for
        the tenant already.
        """

        async def wait(connection: Connection) -> bool:
            await self._run(connection, "lock_lane", lane=lane)
            words = {
                "run": run,
                "epoch": epoch,
                "delay": delay,
                "is_attempt": is_attempt,
                "is_interrupted": is_interrupted,
                **_columns(outcome),
            }
            return bool(await self._fetch(connection, "wait", **words))

        return await self._transact(wait)

    async def fence(self, run: int, epoch: int) -> int | None:
        """Take a run away from its worker: return its new epoch, or None if it is not in that epoch any more."""
        rows = await self._change("fence", run=run, epoch=epoch)
        return rows[0]["epoch"] if rows else None

    async def run_of_job(self, run: int, job_id: int) -> Row | None:
        """Return the run of a job of procrastinate, if it is still that job's."""
        rows = await self._read("run_of_job", run=run, job_id=job_id)
        return rows[0] if rows else None

    async def orphans(self, lease: float) -> list[Row]:
        """Return runs that count as queued or running, and that no job of procrastinate stands for."""
        return await self._change("orphans", lease=lease, limit=_FILED_AT_ONCE)

    async def superseded(self, epochs: Mapping[int, int]) -> set[int]:
        """Return which runs of this worker belong to another one by now."""
        rows = await self._read("superseded", runs=list(epochs), epochs=list(epochs.values()))
        return {row["run"] for row in rows}

    async def yielding(self, lanes: Sequence[str]) -> set[str]:
        """Return in which of these lanes fresh work is due."""
        return {row["lane"] for row in await self._read("fresh_work", lanes=list(lanes))}

    async def paused(self, tenants: Sequence[str]) -> set[str]:
        """Return which of these tenants are paused or removed."""
        rows = await self._read("stopped_tenants", tenants=list(tenants))
        return {row["tenant"] for row in rows}

    async def starved(self) -> int:
        """Return how many fresh runs wait for a worker."""
        return int((await self._read("starved", jobs=list(self._definitions)))[0]["count"])

    async def open_runs(self) -> int:
        """Return how many runs are due or wait for a worker."""
        return int((await self._read("open_runs", jobs=list(self._definitions)))[0]["count"])

    async def revive(self, run: int) -> bool:
        """Retry a run that is dead or failed; return False if it is neither.

        Raises:
            ConfigurationError: The same job is enqueued for the tenant already.
        """

        async def revive(connection: Connection) -> bool:
            if await self._fetch(connection, "ahead", run=run):
                if await self._run(connection, "release_deliveries", run=run):
                    return bool(await self._fetch(connection, "hand_over", run=run))
                raise ConfigurationError(f"the job of run {run} is enqueued already, which does its work")
            return bool(await self._fetch(connection, "revive", run=run))

        return await self._transact(revive)

    async def expire(self, keep: float) -> list[Row]:
        """Remove some runs that ended longer ago than that, and return them. Dead ones stay.

        Schedules that are due for that long go too, if no worker has their job any more.
        """

        async def expire(connection: Connection) -> list[Row]:
            await self._run(connection, "forget_schedules", keep=keep, jobs=list(self._definitions))
            runs = await self._fetch(connection, "expired", keep=keep, limit=_RUNS_REMOVED_AT_ONCE)
            await self._remove_journals(connection, runs)
            return runs

        return await self._transact(expire)

    async def remove_journals(self, run: int) -> None:
        """Remove the journals of a run, so that it begins anew."""
        await self._transact(lambda connection: self._remove_journals(connection, [{"run": run}]))

    async def _remove_journals(self, connection: Connection, runs: Sequence[Row]) -> None:
        """Remove the journals of these runs."""
        ((has_journals,),) = await (await connection.execute(_SQL["has_journals"].encode())).fetchall()
        if not runs or not has_journals:
            return
        found = await self._fetch(connection, "journals", runs=[str(row["run"]) for row in runs])
        names = [row["job"] for row in found]
        await self._run(connection, "remove_journal_rows", names=names)
        await self._run(connection, "remove_journals", names=names)

    # Reading

    async def run(self, run: int) -> Run | None:
        """Return a run."""
        rows = await self._read("run", run=run)
        return _run(rows[0]) if rows else None

    async def dead(self, limit: int = _LISTED) -> list[Run]:
        """Return the dead runs, the latest first."""
        return [_run(row) for row in await self._read("dead", limit=limit)]

    async def overview(self, limit: int) -> Overview:
        """Return what there is to see, at one moment."""

        async def look(connection: Connection) -> Overview:
            async def read(name: str, **words: Any) -> list[Row]:
                return await self._fetch(connection, name, **words)

            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            jobs = list(self._definitions)
            tenants = [TenantStatus(**row) for row in await read("tenants", limit=limit)]
            total = (await read("tenant_counts"))[0]
            counts = {row["state"]: row["count"] for row in await read("counts")}
            return Overview(
                at=(await read("now"))[0]["now"],
                counts={**total, **counts},
                tenants=tuple(tenants),
                runs=tuple(_run(row) for row in await read("latest_runs", limit=limit)),
                rates=tuple(use for row in await read("rates", limit=limit) for use in _rates(row)),
                dead_letters=tuple(_run(row) for row in await read("dead", limit=limit)),
                next_runs=tuple(NextRun(**row) for row in await read("next_runs", jobs=jobs, limit=limit)),
                workers=tuple(WorkerStatus(**row) for row in await read("workers")),
            )

        return await self._transact(look)

    # Workers

    async def see_worker(self, worker: str, uses: Sequence[Row]) -> None:
        """Note that a worker is alive, and how it uses the rates of its tenants."""

        async def see(connection: Connection) -> None:
            (seen,) = await self._fetch(connection, "see_worker", worker=worker, jobs=list(self._definitions))
            if seen["is_new"]:  # it was forgotten meanwhile, and maybe its schedules too
                await self._schedule(connection, None)
            for use in uses:
                await self._run(connection, "use_rates", worker=worker, **use)

        await self._transact(see)

    async def forget_worker(self, worker: str) -> None:
        """Note that a worker has ended."""
        await self._change("forget_worker", worker=worker)

    async def forget_workers(self, lease: float) -> None:
        """Forget the workers that were not heard of for that long, and old rates."""

        async def forget(connection: Connection) -> None:
            await self._run(connection, "forget_workers", lease=lease)
            await self._run(connection, "forget_usage")

        await self._transact(forget)

    # Statements

    async def _transact(self, action: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            return await self._connector.transact(action)
        except (psycopg.Error, ConnectorException) as error:
            raise database_error(error) from None

    async def _read(self, name: str, **words: Any) -> list[Row]:
        return await self._transact(lambda connection: self._fetch(connection, name, **words))

    _change = _read

    @staticmethod
    async def _fetch(connection: Connection, name: str, **words: Any) -> list[Row]:
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_SQL[name].encode(), words)
            return await cursor.fetchall() if cursor.description else [{"rowcount": cursor.rowcount}]

    @staticmethod
    async def _run(connection: Connection, name: str, **words: Any) -> int:
        cursor = await connection.execute(_SQL[name].encode(), words)
        return cursor.rowcount


def sync_prefix(tenant: str) -> str:
    """Return how the names of the states of a tenant's syncs begin, and those of no other tenant."""
    return f"engine/{tenant.replace('%', '%25').replace('/', '%2F')}/"


def _columns(outcome: RunOutcome) -> Row:
    return {"counts": Jsonb(dict(outcome.counts)), "error": outcome.error, "reason": outcome.reason}


def _run(row: Row) -> Run:
    due_at = row["due_at"] if row["state"] == "waiting" else None
    columns: Row = {**row, "run": str(row["run"]), "due_at": due_at}
    return Run(**columns)


def _rates(row: Row) -> tuple[RateUse, RateUse]:
    tenant = row["tenant"]
    reads = RateUse(
        tenant=tenant,
        kind="reads",
        used=row["reads"],
        allowed=row["allowed_reads"],
        rate_limited=row["limited_reads"],
    )
    writes = RateUse(
        tenant=tenant,
        kind="writes",
        used=row["writes"],
        allowed=row["allowed_writes"],
        rate_limited=row["limited_writes"],
    )
    return reads, writes
