"""A job whose process is killed again and again, at random points, and what is there in the end."""

import random
import threading
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path

import attrs
import msgspec

from attio_async.testing import FakeAttio, FaultedRequest, FixedResponse

from .worker import KILLED, Settings, started
from .works import RAISED, Work, content

LATENCY = 0.004
"""Seconds an answer takes, so that there are always requests on their way."""


@attrs.frozen
class Death:
    """SIGKILL for the process that asks: before its request is carried out, right after, or a moment later."""

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
class Aftermath:
    """What became of a job that was killed.

    Attributes:
        work: The job.
        kills: How often it was killed.
        found: The companies that are there.
        log: What its processes wrote down, as words.
    """

    work: Work
    kills: int
    found: Counter[tuple[str, ...]]
    log: list[list[str]]

    @property
    def told(self) -> Counter[int]:
        """How often each row was reported."""
        return Counter(int(words[1]) for words in self.log if words[0] == "told")

    @property
    def letters(self) -> dict[int, str]:
        """The rows that failed, and why."""
        return {int(words[1]): words[2] for words in self.log if words[0] == "letter"}

    @property
    def counts(self) -> dict[str, int]:
        """How the job says that its rows ended."""
        return msgspec.json.decode(self.log[-1][1])

    @property
    def problems(self) -> list[str]:
        """What is not as if nobody had interfered; empty when all is well."""
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
        """What nothing finds again is there once, or is reported as possibly not there."""
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


def survive(folder: Path, work: Work, *, kills: int, seed: int) -> Aftermath:
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
            rate=RAISED,
        )
        while True:
            process = started(settings)
            if deaths < kills:
                left = len(work.rows) - done(fake)
                plan_death(fake, process, chance, left // (kills - deaths + 1))
            process.join(timeout=300)
            fake.faults.clear()
            if process.exitcode == 0:
                return Aftermath(work, deaths, content(fake), lines(log))
            if process.exitcode != KILLED:
                raise RuntimeError(f"the process ended with {process.exitcode}")
            deaths += 1


def plan_death(fake: FakeAttio, victim: BaseProcess, chance: random.Random, mean: int) -> None:
    """Choose how the process ends: at a request, or a moment after its beginning."""
    if chance.random() < 0.1:
        threading.Timer(chance.random(), victim.kill).start()
        return
    later = chance.choice((0.0, 0.0, chance.random() * 0.03))
    death = Death(victim, carried_out=bool(later) or chance.random() < 0.5, later=later)
    fake.fault(death, nth=chance.randrange(1, max(3, 2 * mean)))


def done(fake: FakeAttio) -> int:
    """How many rows have been written, about."""
    return sum(call.method != "GET" and not call.path.endswith("/query") for call in fake.calls)


def lines(path: Path) -> list[list[str]]:
    """The words of each line."""
    return [line.split(" ", 2) for line in path.read_text("utf-8").splitlines()]
