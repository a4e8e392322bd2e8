"""Plan many tenants: what they cost, by formulas and by a simulation in virtual time. Prints the tables of docs/scale.md.

    python -m scripts.scale            # the tables, which are always the same
    python -m scripts.scale --docs     # and write them to docs/scale.md

tests/chaos/test_scale.py compares the formulas with what a real PostgreSQL, a real Redis and a real process count in a
small case.
"""

import heapq
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"

WRITE_RATE = 24.0
"""Rows per second of a busy tenant: the limit of 25 without its margin."""
DELIVERIES_PER_RUN = 1.4
"""Of a tenant with 25 deliveries per second, while workers have slots free: those that arrive during the run before."""
START_S = 1.0
"""The time from due to the first row, without waiting for a slot."""

POSTGRES_CONNECTIONS = 11
"""The most of a worker, beside one for each run at work: those of its queue, and one that listens."""
POSTGRES_MAX_CONNECTIONS = 1_000
POSTGRES_CORES = 8
POSTGRES_COMMITS = 20_000
"""Per second: a few hundred flushes of a fast disk's log, each for the transactions that wait for it."""
REDIS_CONNECTIONS = 10_000
"""The default of `maxclients`."""
WORKER_MB = 512


@attrs.frozen
class Operations:
    """The operations of a database.

    Attributes:
        statements: Statements, without those that begin and end a transaction.
        commits: Transactions.
    """

    statements: float
    commits: float

    def __add__(self, other: "Operations") -> "Operations":
        return Operations(self.statements + other.statements, self.commits + other.commits)

    def __mul__(self, times: float) -> "Operations":
        return Operations(self.statements * times, self.commits * times)


@attrs.frozen(kw_only=True)
class Costs:
    """The cost of each thing. The counts and the memory are checked by a test; the times are those of one plain core.

    Attributes:
        run: A scheduled run: filing, fetching, starting and ending it.
        journal: Opening and closing the journal of a job.
        row: A row that is written: added, begun and closed.
        poll: Asking a journal for rows that are left, once a second.
        delivery: A webhook delivery, from its request to the end of its handler, without its run.
        delivery_run: What a run that handles deliveries costs beyond other runs.
        idle_s: A second of a worker that has nothing to do.
        redis_calls: Calls of Redis per request of a tenant that uses its whole rate.
        client_kb: Memory of an open client, with its limits in Redis.
        worker_mb: Memory of a worker without clients.
        row_ms: Processor time of a worker for a row.
        delivery_ms: The same for a delivery.
        statement_us: Processor time of PostgreSQL for a statement, with its share of the commit.
        redis_us: Processor time of Redis for a call.
    """

    run: Operations = Operations(10.3, 5.2)
    journal: Operations = Operations(48, 16)
    row: Operations = Operations(3, 2)
    poll: Operations = Operations(7, 2)
    delivery: Operations = Operations(4, 3)
    delivery_run: Operations = Operations(7.4, 7.7)
    idle_s: Operations = Operations(2.5, 2.5)
    redis_calls: float = 0.62
    client_kb: float = 195
    worker_mb: float = 75
    row_ms: float = 4.0
    delivery_ms: float = 4.0
    statement_us: float = 60
    redis_us: float = 180


def run_operations(costs: Costs, rows: int, seconds: float) -> Operations:
    """Return what a scheduled run costs whose job writes so many rows in so many seconds."""
    return costs.run + costs.journal + costs.row * rows + costs.poll * seconds


def delivery_operations(costs: Costs, deliveries: float, runs: float) -> Operations:
    """Return what deliveries cost that so many runs handle."""
    return costs.delivery * deliveries + (costs.run + costs.delivery_run) * runs


@attrs.frozen(kw_only=True)
class Fleet:
    """The size of an engine and of its load.

    Attributes:
        tenants: Tenants.
        workers: Worker processes, each with a core of its own.
        concurrency: Jobs that a worker runs at a time.
        every_s: Seconds from one run of a tenant to the next.
        mean_rows: Rows that a run writes, on average; a tenth of the tenants have half of them.
        peak_share: The share of the tenants whose webhooks come at `peak_rate` in the same minute.
        peak_rate: Deliveries per second to the URL of such a tenant.
        max_clients: Clients that a worker keeps open.
    """

    tenants: int = 10_000
    workers: int = 100
    concurrency: int = 50
    every_s: int = 900
    mean_rows: int = 300
    peak_share: float = 0.01
    peak_rate: float = 25.0
    max_clients: int = 100


@attrs.frozen(kw_only=True)
class Load:
    """The load of a fleet in its busiest minute, per second unless said otherwise."""

    rows: float
    runs: float
    deliveries: float
    running: int
    longest_wait_s: float
    statements: float
    commits: float
    redis_calls: float
    cores: float
    postgres_connections: int
    redis_connections: int
    worker_mb: float


@attrs.frozen
class Resource:
    """Something that can be used up.

    Attributes:
        name: Its name.
        used: How much is used in the busiest minute.
        capacity: How much there is.
        unit: The unit of both.
        remedy: What to do when it is used up.
    """

    name: str
    used: float
    capacity: float
    unit: str
    remedy: str

    @property
    def share(self) -> float:
        return self.used / self.capacity


def rows_of_tenants(fleet: Fleet, chance: random.Random) -> list[int]:
    """Return the rows of a run of each tenant: many small ones, few large ones."""
    weights = [chance.paretovariate(1.5) for _ in range(fleet.tenants)]
    scale = fleet.mean_rows * fleet.tenants / sum(weights)
    return [max(1, round(weight * scale)) for weight in weights]


def simulate(fleet: Fleet, costs: Costs, *, seconds: int = 3600, seed: int = 1) -> Load:
    """Run a fleet in virtual time and return the load of its busiest minute.

    Runs are taken in the order in which they came due, each by any worker that has a slot free. A tenant has one run at a
    time, which writes its rows at the rate of the tenant, or at its share of the worker's core if that is less.
    """
    chance = random.Random(seed)
    rows = rows_of_tenants(fleet, chance)
    due = [(chance.random() * fleet.every_s, tenant) for tenant in range(fleet.tenants)]
    heapq.heapify(due)
    running = [0] * fleet.workers
    ends: list[tuple[float, int]] = []
    minutes = [Minute() for _ in range(seconds // 60)]
    longest_wait = 0.0
    while due[0][0] < seconds:
        asked, tenant = heapq.heappop(due)
        start, worker = asked, -1
        while ends and (ends[0][0] <= asked or len(ends) == fleet.workers * fleet.concurrency):
            ended, worker = heapq.heappop(ends)
            running[worker] -= 1
            start = max(asked, ended)
        while worker < 0 or running[worker] >= fleet.concurrency:
            worker = chance.randrange(fleet.workers)
        running[worker] += 1
        rate = min(WRITE_RATE, 1000 / costs.row_ms / running[worker])
        end = start + START_S + rows[tenant] / rate
        heapq.heappush(ends, (end, worker))
        heapq.heappush(due, (max(end, asked + fleet.every_s), tenant))
        longest_wait = max(longest_wait, start - asked)
        _note(minutes, start, end, rows[tenant], len(ends))
    busiest = max(
        minutes[fleet.every_s // 60 :], key=lambda minute: minute.rows
    )  # every tenant had a run by then
    return load_of(fleet, costs, busiest, longest_wait)


@attrs.define
class Minute:
    """The runs and rows of a minute.

    Attributes:
        runs: Runs that began.
        rows: Rows that were written.
        running: The most runs at a time.
    """

    runs: int = 0
    rows: float = 0.0
    running: int = 0


def _note(minutes: Sequence[Minute], start: float, end: float, rows: int, running: int) -> None:
    """Spread a run over the minutes that it takes."""
    first = int(start // 60)
    for number in range(first, min(int(end // 60) + 1, len(minutes))):
        minute = minutes[number]
        minute.rows += rows * (min(end, 60 * number + 60) - max(start, 60 * number)) / (end - start)
        minute.running = max(minute.running, running)
        minute.runs += number == first


def load_of(fleet: Fleet, costs: Costs, minute: Minute, longest_wait: float) -> Load:
    """Return the load of a minute, by the formulas."""
    rows, runs = minute.rows / 60, minute.runs / 60
    deliveries = fleet.tenants * fleet.peak_share * fleet.peak_rate
    asked = (
        (costs.run + costs.journal) * runs
        + costs.row * rows
        + costs.poll * minute.running
        + delivery_operations(costs, deliveries, deliveries / DELIVERIES_PER_RUN)
        + costs.idle_s * fleet.workers
    )
    clients = min(fleet.max_clients, fleet.tenants)
    return Load(
        rows=rows,
        runs=runs,
        deliveries=deliveries,
        running=minute.running,
        longest_wait_s=longest_wait,
        statements=asked.statements,
        commits=asked.commits,
        redis_calls=costs.redis_calls * rows,
        cores=(rows * costs.row_ms + deliveries * costs.delivery_ms) / 1000,
        postgres_connections=fleet.workers * POSTGRES_CONNECTIONS + minute.running,
        redis_connections=fleet.workers * clients,
        worker_mb=costs.worker_mb + clients * costs.client_kb / 1000,
    )


def resources(fleet: Fleet, costs: Costs, load: Load) -> list[Resource]:
    """Return what the load uses up, the scarcest first."""
    found = [
        Resource(
            "slots of the workers",
            load.running,
            fleet.workers * fleet.concurrency,
            "runs",
            "more `--concurrency`, or more workers",
        ),
        Resource("cores of the workers", load.cores, fleet.workers, "cores", "more workers"),
        Resource("memory of a worker", load.worker_mb, WORKER_MB, "MB", "a lower `max_clients`"),
        Resource(
            "connections of PostgreSQL",
            load.postgres_connections,
            POSTGRES_MAX_CONNECTIONS,
            "",
            "a larger `max_connections`, then a pooler for the journals, or fewer and larger workers",
        ),
        Resource(
            "processor of PostgreSQL",
            load.statements * costs.statement_us / 1e6,
            POSTGRES_CORES,
            "cores",
            "a larger machine, then one database per part of the tenants",
        ),
        Resource(
            "commits of PostgreSQL",
            load.commits,
            POSTGRES_COMMITS,
            "/s",
            "`commit_delay`, a faster disk, then one database per part of the tenants",
        ),
        Resource(
            "connections of Redis",
            load.redis_connections,
            REDIS_CONNECTIONS,
            "",
            "a larger `maxclients`, or a lower `max_clients`",
        ),
        Resource(
            "processor of Redis",
            load.redis_calls * costs.redis_us / 1e6,
            1,
            "cores",
            "Redis Cluster, or one Redis per part of the tenants",
        ),
    ]
    return sorted(found, key=lambda resource: -resource.share)


def tables() -> Iterator[str]:
    """Yield the lines of the tables."""
    costs = Costs()
    fleets = {
        "planned": Fleet(),
        "three times the rows": Fleet(mean_rows=900),
        "a tenth of the workers": Fleet(workers=10),
    }
    loads = {name: simulate(fleet, costs) for name, fleet in fleets.items()}
    yield "| in the busiest minute | " + " | ".join(loads) + " |"
    yield "|---" * (len(loads) + 1) + "|"
    for label, show in SHOWN.items():
        yield f"| {label} | " + " | ".join(show(load) for load in loads.values()) + " |"
    yield ""
    yield "| used of what there is | " + " | ".join(loads) + " | what to do then |"
    yield "|---" * (len(loads) + 2) + "|"
    shares = {
        name: {each.name: each for each in resources(fleets[name], costs, loads[name])} for name in loads
    }
    for each in resources(fleets["planned"], costs, loads["planned"]):
        used = " | ".join(f"{shares[name][each.name].share:.0%}" for name in loads)
        yield f"| {each.name} ({each.capacity:,g}{' ' if each.unit.isalpha() else ''}{each.unit}) | {used} | {each.remedy} |"


SHOWN: Mapping[str, Callable[[Load], str]] = {
    "runs at a time": lambda load: f"{load.running:,}",
    "runs begun per second": lambda load: f"{load.runs:.1f}",
    "rows written per second": lambda load: f"{load.rows:,.0f}",
    "deliveries per second": lambda load: f"{load.deliveries:,.0f}",
    "longest wait for a slot": lambda load: f"{load.longest_wait_s:,.0f} s",
    "statements of PostgreSQL per second": lambda load: f"{load.statements:,.0f}",
    "commits per second": lambda load: f"{load.commits:,.0f}",
    "calls of Redis per second": lambda load: f"{load.redis_calls:,.0f}",
    "busy cores of all workers": lambda load: f"{load.cores:.1f}",
    "memory of a worker": lambda load: f"{load.worker_mb:.0f} MB",
}


def main() -> None:
    text = "\n".join(tables())
    print(text)
    if "--docs" in sys.argv:
        page = PAGE.read_text("utf-8")
        new = re.sub(
            r"(<!-- simulated: start -->\n\n).*?(\n\n<!-- simulated: end -->)",
            lambda found: found[1] + text + found[2],
            page,
            flags=re.DOTALL,
        )
        PAGE.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
