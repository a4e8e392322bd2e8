"""A job whose process is killed again and again, at random points."""

import random
import threading
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import attrs
import msgspec

from attio_async.testing import FakeAttio, FaultedRequest, FixedResponse

from .work import UNLIMITED_RATE, Work, content
from .worker import KILLED, Settings, started

LATENCY = 0.004
"""Seconds a response takes, so that there are always requests in flight."""


@attrs.frozen
class Death:
    """Kill the process that sends a request: before it is carried out, right after, or a moment later."""

    victim: BaseProcess
    carried_out: bool = True
    later: float = 0.0

    def answer(self, asked: FaultedRequest):
        answer = asked.perform() if self.carried_out else FixedResponse(500).answer(asked)
        if self.later:
            threading.Timer(self.later, self.victim.kill).start()
        else:
            self.victim.kill()
        return answer


@attrs.frozen
class KilledRun:
    """A job after the kills.

    Attributes:
        work: The job.
        kills: The number of times it was killed.
        found: The companies that exist.
        log: The words that its processes logged.
    """

    work: Work
    kills: int
    found: Counter[tuple[str, ...]]
    log: list[list[str]]

    @property
    def told(self) -> Counter[int]:
        """The number of times each row was reported."""
        return Counter(int(words[1]) for words in self.log if words[0] == "told")

    @property
    def letters(self) -> dict[int, str]:
        """The kind of failure of each row that failed."""
        return {int(words[1]): words[2] for words in self.log if words[0] == "letter"}

    @property
    def counts(self) -> dict[str, int]:
        """The counts of the final report."""
        return msgspec.json.decode(self.log[-1][1])

    @property
    def problems(self) -> list[str]:
        """The differences from an uninterrupted run; empty if all is well."""
        twice = [index for index, times in self.told.items() if times > 1]
        found = [f"rows {twice[:5]} were reported twice"] if twice else []
        if self.log[-1][0] != "counts":
            return [*found, "the job did not end"]
        return found + (self._keyless() if self.work.kind == "keyless" else self._equal())

    def _equal(self) -> list[str]:
        found = []
        if self.found != self.work.after:
            missing, more = self.work.after - self.found, self.found - self.work.after
            found.append(f"missing are {list(missing)[:5]}, and too many {list(more)[:5]}")
        if self.counts != self.work.counts:
            found.append(f"the report says {self.counts} instead of {self.work.counts}")
        return found

    def _keyless(self) -> list[str]:
        """Check that a row without a key exists once, or is reported as uncertain."""
        found = []
        lost = [
            index
            for index, row in enumerate(self.work.rows)
            if (row["name"],) not in self.found and index not in self.letters
        ]
        if lost:
            found.append(f"rows {lost[:5]} are neither there nor reported")
        if self.found.total() != len(self.found) or self.found.keys() - self.work.after.keys():
            found.append("there are companies that should not be there")
        if set(self.letters.values()) - {"OutcomeUnknown"}:
            found.append(f"rows failed with {set(self.letters.values())}")
        ended = self.counts["created"] + self.counts["failed"]
        if ended != len(self.work.rows) or self.counts["failed"] != len(self.letters):
            found.append(f"the report says {self.counts} for {len(self.work.rows)} rows")
        return found


def survive(folder: Path, work: Work, *, kills: int, seed: int) -> KilledRun:
    """Start a job until it is done, and kill it so many times on the way, if it takes long enough."""
    chance = random.Random(f"{work.kind}{seed}")
    fake = work.fake(latency=LATENCY)
    rows, log = folder / "rows.json", folder / "log"
    rows.write_bytes(msgspec.json.encode(work.rows))
    log.touch()
    deaths = 0
    with fake.serve(port=0) as server:
        settings = Settings(
            url=server.url,
            token=fake.token,
            kind=work.kind,
            rows=str(rows),
            journal=str(folder / "journal.db"),
            log=str(log),
            rate=UNLIMITED_RATE,
        )
        while True:
            process = started(settings)
            if deaths < kills:
                left = len(work.rows) - done(fake)
                plan_death(fake, process, chance, left // (kills - deaths + 1))
            process.join(timeout=300)
            fake.faults.clear()
            if process.exitcode == 0:
                return KilledRun(work, deaths, content(fake), lines(log))
            if process.exitcode != KILLED:
                raise RuntimeError(f"the process ended with {process.exitcode}")
            deaths += 1


def plan_death(fake: FakeAttio, victim: BaseProcess, chance: random.Random, mean: int) -> None:
    """Choose how the process dies: at a request, or a moment after its start."""
    if chance.random() < 0.1:
        threading.Timer(chance.random(), victim.kill).start()
        return
    later = chance.choice((0.0, 0.0, chance.random() * 0.03))
    death = Death(victim, carried_out=bool(later) or chance.random() < 0.5, later=later)
    fake.fault(death, nth=chance.randrange(1, max(3, 2 * mean)))


def done(fake: FakeAttio) -> int:
    """Return about how many rows have been written."""
    return sum(call.method != "GET" and not call.path.endswith("/query") for call in fake.calls)


def lines(path: Path) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split(" ", 2) for line in path.read_text("utf-8").splitlines()]
