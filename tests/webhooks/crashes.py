"""A receiver that is killed several times while deliveries are repeated and out of order, and the outcome."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import attio_async
import attio_async_api

CONCURRENCY = 10
"""Records that the receiver handles concurrently, by default."""


@dataclass(frozen=True)
class Aftermath:
    """The number of times that each message was handled completely, and of responses and kills in all."""

    sent: set[str]
    handled: Counter[str]
    answered: int
    kills: int

    @property
    def lost(self) -> set[str]:
        return self.sent - set(self.handled)

    @property
    def repeated(self) -> int:
        """The number of times that a message was handled after it had been handled before."""
        return sum(times - 1 for times in self.handled.values())

    @property
    def most_repeated(self) -> int:
        """The allowed number: per kill, the message of each record that was being handled."""
        return self.kills * CONCURRENCY


def plan_of(chance: random.Random, messages: int) -> list[tuple[str, int]]:
    """Return messages about some records, a fifth of them twice, a tenth out of order."""
    plan = [(f"m{place}", chance.randrange(40)) for place in range(messages)]
    plan += [chance.choice(plan) for _ in range(messages // 5)]
    for _ in range(messages // 10):
        a, b = chance.randrange(len(plan)), chance.randrange(len(plan))
        plan[a], plan[b] = plan[b], plan[a]
    return plan


def survive(folder: Path, store: str, *, messages: int, kills: int, seed: int = 8) -> Aftermath:
    """Deliver until everything is handled, with kills in between."""
    plan_path, log_path = folder / "plan", folder / "log"
    chance = random.Random(seed)
    unsent = plan_of(chance, messages)
    everything = {key for key, _ in unsent}
    log_path.touch()
    deaths = 0
    while deaths < kills or "finished all" not in lines(log_path):
        # Attio retries what was not answered, and repeats some of the rest.
        answered = {line.split()[1] for line in lines(log_path) if line.startswith("answered-2")}
        unsent = [(key, record) for key, record in unsent if key not in answered or chance.random() < 0.2]
        plan_path.write_text("".join(f"{key} {record}\n" for key, record in unsent), "utf-8")
        process = start_worker(store, log_path, plan_path)
        if deaths < kills:
            share = messages // kills
            wait_for_more(log_path, process, lines_more=share + chance.randrange(share))
            process.kill()
            deaths += 1
            process.wait()
        else:
            assert process.wait(timeout=300) == 0
    handled = Counter(line.split()[1] for line in lines(log_path) if line.startswith("handled"))
    return Aftermath(
        everything, handled, sum(line.startswith("answered-2") for line in lines(log_path)), kills
    )


def start_worker(store: str, log_path: Path, plan_path: Path) -> "subprocess.Popen[bytes]":
    sources = {str(Path(module.__file__ or "").parents[1]) for module in (attio_async, attio_async_api)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
    script = str(Path(__file__).with_name("crash_worker.py"))
    command = [sys.executable, script, store, str(log_path), str(plan_path)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def wait_for_more(path: Path, process: "subprocess.Popen[bytes]", *, lines_more: int) -> None:
    """Return when the log has grown by a number of lines, or the process has ended."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        while lines_more > 0 and process.poll() is None:
            time.sleep(0.002)
            lines_more -= file.read().count(b"\n")
