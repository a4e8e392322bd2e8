"""A job that several processes share, through PostgreSQL and Redis, while one of them is killed."""

import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

import attrs
import msgspec

from attio_async.testing import FakeAttio, Limits

from .killed_run import LATENCY, Death, lines
from .work import Work, content
from .worker import KILLED, Settings, started

LEASE = 2.0
_OPERATIONS = {"create": "create_record", "upsert": "assert_record"}
RATE_LIMITED = 429
"""Such a request was not processed, so its retry is not a second write."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@attrs.frozen
class SharedRun:
    """The job afterwards.

    Attributes:
        work: The job.
        fake: The workspace afterwards.
        told: The rows that each process reported, the killed one first.
        counts: The counts that each of the others reported.
    """

    work: Work
    fake: FakeAttio
    told: Sequence[Sequence[int]]
    counts: Sequence[dict[str, int]]

    @property
    def rate_limited(self) -> int:
        """The number of rate-limited requests."""
        return sum(call.status == RATE_LIMITED for call in self.fake.calls)

    @property
    def problems(self) -> list[str]:
        """The differences from a run by one process; empty if all is well."""
        reported = Counter(index for told in self.told for index in told)
        written = Counter(
            call.body
            for call in self.fake.calls
            if is_write(call.method, call.path) and call.status != RATE_LIMITED
        )
        found = [f"rows {list(twice)[:5]} were reported twice" for twice in [_twice(reported)] if twice]
        found += [f"{list(twice)[:3]} were written twice" for twice in [_twice(written)] if twice]
        if content(self.fake) != self.work.after:
            found.append("the companies are not as they should be")
        for counts in self.counts:
            if counts != self.work.counts:
                found.append(f"a report says {counts} instead of {self.work.counts}")
        return found


def run_shared(
    folder: Path, work: Work, *, postgres: str, redis: str, processes: int, rate: int, reads_input: bool
) -> SharedRun:
    """Run a job in several processes, one of which dies.

    Args:
        folder: For files.
        work: The job.
        postgres: A new database for the journal.
        redis: The Redis that shares the rate.
        processes: The number of processes.
        rate: Reads and writes per second, of all together.
        reads_input: Whether the process that reads the rows dies, and is started again.
    """
    fake = work.fake(latency=LATENCY, limits=Limits(reads=rate, writes=rate, window="sliding"))
    rows = folder / "rows.json"
    rows.write_bytes(msgspec.json.encode(work.rows))
    with fake.serve(port=0) as server:
        settings = Settings(
            url=server.url,
            token=fake.token,
            kind=work.kind,
            rows=None,
            journal=postgres,
            log="",
            rate=rate,
            lease=LEASE,
            redis=redis,
        )
        reading = attrs.evolve(settings, rows=str(rows))
        each = [attrs.evolve(settings, log=str(folder / f"log{number}")) for number in range(processes)]
        one = 0 if reads_input else 1
        each[one] = attrs.evolve(each[one], rows=reading.rows)
        victim, *others = [started(settings) for settings in each]
        wait_for_first_line(Path(each[0].log), victim)
        fake.fault(Death(victim), operation=_OPERATIONS[work.kind], nth=10)
        victim.join(timeout=60)
        if reads_input:
            each.append(attrs.evolve(reading, log=str(folder / "again")))
            others.append(started(each[-1]))
        for process in others:
            process.join(timeout=120)
    codes = [victim.exitcode, *(process.exitcode for process in others)]
    if codes != [KILLED, *[0] * len(others)]:
        raise RuntimeError(f"the processes ended with {codes}")
    logs = [lines(Path(settings.log)) for settings in each]
    told = [[int(words[1]) for words in log if words[0] == "told"] for log in logs]
    return SharedRun(work, fake, told, [msgspec.json.decode(log[-1][1]) for log in logs[1:]])


def wait_for_first_line(log: Path, process: BaseProcess) -> None:
    """Return when the process has ended a row."""
    while process.is_alive() and not (log.exists() and log.stat().st_size):
        time.sleep(0.005)


def is_write(method: str, path: str) -> bool:
    """Return True if a request is a write, and not a query."""
    return method in WRITES and not path.endswith("/query")


def _twice(counted: Counter) -> list:
    return [what for what, times in counted.items() if times > 1]
