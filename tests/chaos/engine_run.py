"""An engine whose workers are killed, and whose databases are restarted, while many tenants are served."""

import asyncio
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import attrs
import psycopg
from psycopg.rows import dict_row

from attio_async._utils.clock import Clock
from attio_async.engine import Engine
from attio_async.testing import FakeAttio, Limits, RunningServer
from attio_async.testing._http.server import serve
from attio_async.testing._response import FakeResponse
from tests.postgres import PostgresServer, postgres_server
from tests.redis_server import RedisServer, running_redis

from .engine_worker import EngineSettings, engine_of, rows_of, token_of, work
from .shared_run import is_write
from .worker import processes

ROOT = Path(__file__).parents[2]
RATE_LIMITED = 429
OK = range(200, 300)
_OUTAGE_S = 1.0


class Workspaces:
    """One fake per tenant behind one address, told apart by their tokens."""

    def __init__(self, fakes: Mapping[str, FakeAttio]) -> None:
        self.fakes = fakes
        self._by_token = {fake.token: fake for fake in fakes.values()}
        self._any = next(iter(fakes.values()))

    @property
    def clock(self) -> Clock:
        return self._any.clock

    async def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> FakeResponse:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        return await self._by_token.get(token, self._any).exchange(method, target, headers, body)


@attrs.frozen(kw_only=True)
class ChaosPlan:
    """The load of an engine, and its kills and restarts.

    Attributes:
        seconds: How long tenants ask for runs.
        tenants, workers: Their numbers.
        every_s: Seconds from one run of a tenant to the next.
        rows: The fewest and the most rows of a run.
        reads, writes: The limits of each workspace.
        kills: Workers killed.
        postgres_restarts, redis_restarts: Restarts of the databases.
        drain_s: How long the runs that were asked for may take after that.
        seed: Decides the moments.
    """

    seconds: float
    tenants: int = 50
    workers: int = 4
    every_s: float = 15.0
    rows: tuple[int, int] = (10, 30)
    reads: int = 20
    writes: int = 5
    kills: int = 50
    postgres_restarts: int = 2
    redis_restarts: int = 1
    drain_s: float = 60.0
    seed: int = 1


class EngineChaos:
    """An engine, its workers, its databases and the workspaces of its tenants.

    Args:
        plan: What is run.
        folder: For files.
        postgres, redis: The databases.
        server: The address of the workspaces.
        fakes: The workspaces by tenant.
        kinds: What the job of each tenant does.
        settings: Further settings of the workers.
    """

    def __init__(
        self,
        plan: ChaosPlan,
        folder: Path,
        *,
        postgres: PostgresServer,
        redis: RedisServer,
        server: RunningServer,
        fakes: Mapping[str, FakeAttio],
        kinds: Mapping[str, str],
        **settings: Any,
    ) -> None:
        chance = random.Random(plan.seed)
        self.plan = plan
        self.fakes = fakes
        self.postgres = postgres
        self.redis = redis
        self.settings = EngineSettings(
            **{
                "postgres": postgres.conninfo,
                "redis": redis.url,
                "url": server.url,
                "log": str(folder / "starts"),
                "every_s": plan.every_s,
                "rows": {tenant: chance.randint(*plan.rows) for tenant in fakes},
                "kinds": kinds,
                "reads": plan.reads,
                "writes": plan.writes,
                **settings,
            }
        )
        self.folder = folder
        self.workers: list[BaseProcess] = []
        self.kills = 0

    # The engine, as a caller

    def set_up(self) -> None:
        """Create the tables and add the tenants."""

        async def set_up(engine: Engine) -> None:
            await engine.init()
            for tenant in self.fakes:
                await engine.tenants.add(tenant)

        self._call(set_up)

    def file(self, job: str, *tenants: str) -> None:
        """File a run of each tenant."""

        async def file(engine: Engine) -> None:
            for tenant in tenants:
                await engine.run(job, tenant)

        self._call(file)

    def _call(self, action: Callable[[Engine], Awaitable[None]]) -> None:
        async def call() -> None:
            async with engine_of(self.settings) as engine:
                await action(engine)

        asyncio.run(call())

    # Workers

    def start(self) -> BaseProcess:
        """Start another worker."""
        output = self.folder / f"worker{len(self.workers) + self.kills}.log"
        worker = processes.Process(target=work, args=(self.settings, str(output)))
        worker.start()
        self.workers.append(worker)
        return worker

    def kill(self, worker: BaseProcess) -> None:
        """Kill a worker, which knows nothing of it."""
        worker.kill()
        worker.join()
        self.kills += 1
        self.workers.remove(worker)

    def stop(self) -> list[int | None]:
        """Let all workers drain, and return their exit codes."""
        ending, self.workers = self.workers, []
        for worker in ending:
            worker.terminate()
        for worker in ending:
            worker.join(60)
        return [worker.exitcode for worker in ending]

    # What the engine's database says

    def fetch(self, query: str, parameters: Any = ()) -> list[dict[str, Any]]:
        """Return rows of the database; waits through its restarts."""
        until = time.monotonic() + 30
        while True:
            try:
                with psycopg.connect(self.postgres.conninfo, row_factory=dict_row) as connection:
                    found = connection.execute(query.encode(), parameters)
                    return found.fetchall() if found.description else []
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def runs(self) -> list[dict[str, Any]]:
        return self.fetch("SELECT * FROM attio_engine.runs ORDER BY run")

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Return True when something is so, or False after that time."""
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                return False
            time.sleep(0.2)
        return True

    def starts(self) -> dict[int, list[float]]:
        """Return the times of the starts of each run."""
        found = defaultdict[int, list[float]](list)
        log = Path(self.settings.log)
        for line in log.read_text("utf-8").splitlines() if log.exists() else ():
            run, at = line.split()
            found[int(run)].append(float(at))
        return found

    def is_idle(self) -> bool:
        """Return True if no run is left to do."""
        open_states = "('queued', 'running', 'waiting')"
        (row,) = self.fetch(f"SELECT count(*) AS open FROM attio_engine.runs WHERE state IN {open_states}")
        return row["open"] == 0

    # What happens

    def torment(self) -> None:
        """Kill workers and restart databases at random moments, for as long as tenants ask for runs."""
        chance = random.Random(f"moments{self.plan.seed}")
        plan = self.plan
        events = [
            *[self.kill_any] * plan.kills,
            *[self.restart_postgres] * plan.postgres_restarts,
            *[self.restart_redis] * plan.redis_restarts,
        ]
        begin = time.monotonic()
        moments = sorted((chance.uniform(0.03, 0.97) * plan.seconds, n) for n in range(len(events)))
        for at, number in moments:
            time.sleep(max(0.0, begin + at - time.monotonic()))
            events[number](chance)
        time.sleep(max(0.0, begin + plan.seconds - time.monotonic()))

    def kill_any(self, chance: random.Random) -> None:
        self.kill(chance.choice(self.workers))
        self.start()

    def restart_postgres(self, chance: random.Random) -> None:
        self.postgres.stop(chance.choice(["immediate", "fast"]))
        time.sleep(_OUTAGE_S)
        self.postgres.start()

    def restart_redis(self, chance: random.Random) -> None:
        self.redis.stop()
        time.sleep(_OUTAGE_S)
        self.redis.start()


@contextmanager
def databases() -> Iterator[tuple[PostgresServer, RedisServer]]:
    """Start the databases of an engine."""
    with postgres_server() as postgres, running_redis() as redis:
        yield postgres, redis


@contextmanager
def engine_chaos(
    plan: ChaosPlan,
    postgres: PostgresServer,
    redis: RedisServer,
    *,
    kinds: Sequence[str] = ("upsert", "upsert", "create"),
    **settings: Any,
) -> Iterator[EngineChaos]:
    """Start the workspaces of an engine without workers, and stop all at the end. The databases are emptied first."""
    with psycopg.connect(postgres.conninfo) as connection:
        connection.execute("DROP SCHEMA IF EXISTS attio_engine, public CASCADE")
        connection.execute("CREATE SCHEMA public")
    limits = Limits(reads=plan.reads, writes=plan.writes, window="sliding")
    fakes = {
        tenant: FakeAttio(token=token_of(tenant), limits=limits, seed=number)
        for number, tenant in enumerate(f"t{number:03}" for number in range(plan.tenants))
    }
    with (
        tempfile.TemporaryDirectory(prefix="engine-") as folder,
        serve(Workspaces(fakes), 0, "127.0.0.1", ()) as server,
    ):
        chaos = EngineChaos(
            plan,
            Path(folder),
            postgres=postgres,
            redis=redis,
            server=server,
            fakes=fakes,
            kinds={tenant: kinds[number % len(kinds)] for number, tenant in enumerate(fakes)},
            **settings,
        )
        try:
            yield chaos
        finally:
            for worker in chaos.workers:
                worker.kill()
                worker.join()


@attrs.frozen(kw_only=True)
class EngineFigures:
    """The outcome of the runs that tenants asked for.

    Attributes:
        runs: Runs by their state.
        rows: Rows that the runs had to write.
        lost: Rows that do not exist.
        doubled: Rows that exist twice, or were written twice.
        writes: Writes that were processed.
        rate_limited: Requests that were rate-limited.
        shares: For each tenant, the rows written while tenants asked, of those asked for.
        waits: For each run, the seconds until its first start, without those in which its tenant had another run.
        longest_run_s: The longest time from the first start of a run to its end.
        kills: Workers killed.
        takeovers: Starts of runs that had been started before.
    """

    runs: Mapping[str, int]
    rows: int
    lost: int
    doubled: int
    writes: int
    rate_limited: int
    shares: Mapping[str, float]
    waits: Sequence[float]
    longest_run_s: float
    kills: int
    takeovers: int

    @property
    def rate_limited_per_10_000(self) -> float:
        return 10_000 * self.rate_limited / max(1, self.writes)

    @property
    def problems(self) -> list[str]:
        """The goals that were missed; empty if all is well."""
        found = []
        if self.lost or self.doubled:
            found.append(f"{self.lost} rows were lost, {self.doubled} doubled")
        if set(self.runs) - {"succeeded"}:
            found.append(f"the runs ended as {dict(self.runs)}")
        if self.rate_limited_per_10_000 > MAX_RATE_LIMITED:
            found.append(f"{self.rate_limited} of {self.writes} writes were rate-limited")
        unfair = {
            tenant: f"{share:.2f}" for tenant, share in self.shares.items() if abs(share - 1) > MAX_UNFAIRNESS
        }
        if unfair:
            found.append(f"the shares of tenants were {unfair}")
        if max(self.waits, default=0) > self.longest_run_s:
            found.append(
                f"a run waited {max(self.waits):.1f} s, and the longest took {self.longest_run_s:.1f} s"
            )
        return found

    def __str__(self) -> str:
        return (
            f"{sum(self.runs.values())} runs of {self.rows} rows, {self.kills} kills, {self.takeovers} takeovers: "
            f"{self.lost} lost, {self.doubled} doubled, "
            f"{self.rate_limited} of {self.writes} writes rate-limited ({self.rate_limited_per_10_000:.1f} per 10,000), "
            f"shares {min(self.shares.values()):.3f} to {max(self.shares.values()):.3f}, "
            f"waits {statistics.median(self.waits):.2f} s, at most {max(self.waits):.2f} s; "
            f"longest run {self.longest_run_s:.1f} s"
        )


MAX_RATE_LIMITED = 5
"""Per 10,000 writes."""
MAX_UNFAIRNESS = 0.1


def run_engine(plan: ChaosPlan) -> EngineFigures:
    """Serve the tenants through the kills and restarts, let the last runs end, and return the figures."""
    with databases() as (postgres, redis), engine_chaos(plan, postgres, redis) as chaos:
        chaos.set_up()
        begin = time.time()
        for _ in range(plan.workers):
            chaos.start()
        chaos.torment()
        chaos.fetch("DELETE FROM attio_engine.schedules")
        end = time.time()
        chaos.wait(chaos.is_idle, plan.drain_s)
        codes = chaos.stop()
        if any(codes):
            raise RuntimeError(f"the workers ended with {codes}")
        return figures_of(chaos, begin, end)


def figures_of(chaos: EngineChaos, begin: float = 0.0, end: float = 0.0) -> EngineFigures:
    """Compare what exists with what was asked for; the shares are those from `begin` to `end`."""
    runs = chaos.runs()
    starts = chaos.starts()
    lost = doubled = rows = writes = rate_limited = 0
    shares = {}
    for tenant, fake in chaos.fakes.items():
        own = [run for run in runs if run["tenant"] == tenant]
        count = chaos.settings.rows[tenant]
        wanted = Counter(row["name"] for run in own for row in rows_of(tenant, run["run"], count))
        there = Counter(record["values"]["name"][0]["value"] for record in fake.records("companies"))
        processed = [call for call in fake.calls if is_write(call.method, call.path) and call.status in OK]
        bodies = Counter((call.method, call.path, call.body) for call in processed)
        rows += wanted.total()
        lost += (wanted - there).total()
        doubled += (there - wanted).total() + sum(times - 1 for times in bodies.values())
        writes += len(processed)
        rate_limited += sum(call.status == RATE_LIMITED for call in fake.calls)
        asked = count * round((end - begin) / chaos.plan.every_s)
        if asked:
            shares[tenant] = sum(call.time <= end for call in processed) / asked
    first = {run: min(times) for run, times in starts.items()}
    took = [
        run["ended_at"].timestamp() - first[run["run"]]
        for run in runs
        if run["ended_at"] and run["run"] in first
    ]
    return EngineFigures(
        runs=Counter(run["state"] for run in runs),
        rows=rows,
        lost=lost,
        doubled=doubled,
        writes=writes,
        rate_limited=rate_limited,
        shares=shares,
        waits=list(_waits(runs, first)),
        longest_run_s=max(took, default=0.0),
        kills=chaos.kills,
        takeovers=sum(len(times) - 1 for times in starts.values()),
    )


def _waits(runs: Sequence[Mapping[str, Any]], first: Mapping[int, float]) -> Iterator[float]:
    """Yield how long each run waited after it was filed and the run before it had ended."""
    ended: dict[str, float] = {}
    for run in runs:
        if run["run"] in first:
            ready = max(run["filed_at"].timestamp(), ended.get(run["tenant"], 0.0))
            yield max(0.0, first[run["run"]] - ready)
        if run["ended_at"]:
            ended[run["tenant"]] = run["ended_at"].timestamp()
