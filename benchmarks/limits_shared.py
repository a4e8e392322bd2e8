"""One budget for several real processes, through a real Redis, against a strict server, in real time.

Needs redis-server; without it, this says so and measures nothing.
"""

import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from redis import Redis

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the Redis server of the tests
from tests._limits.redis.simulator import jain
from tests.redis_server import RedisServer, redis_server, running_redis

from harness import GoalLine
from limits_served import manage, serving

WORKER = Path(__file__).with_name("shared_worker.py")
READERS = 240
SECONDS = 30
AWAY = 12
BEFORE = 10


def together(
    readers: Sequence[int], seconds: int, window: str, *, during: Callable[[RedisServer], None] | None = None
) -> tuple[list[int], dict[str, Any]]:
    """Return the number of answers that each process got with so many readers, and what the servers saw."""
    with running_redis() as redis, serving("--window", window) as url:
        workers = [
            subprocess.Popen(
                [sys.executable, str(WORKER), url, redis.url, str(each), str(seconds), str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number, each in enumerate(readers)
        ]
        for worker in workers:
            worker.stdout.readline()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        if during is not None:
            during(redis)
        counts = [int(worker.communicate()[0]) for worker in workers]
        with Redis.from_url(redis.url) as client:
            calls = client.info("commandstats")["cmdstat_evalsha"]["calls"]
        return counts, manage(url) | {"calls": calls}


def per_second(report: dict[str, Any], seconds: int) -> list[int]:
    """Return the number of requests that were accepted in each second since the first."""
    instants = report["accepted"]["read"]
    start = min(instants)
    return [sum(second <= at - start < second + 1 for at in instants) for second in range(seconds)]


def steady(processes: int, window: str) -> Iterable[GoalLine]:
    counts, report = together([READERS // processes] * processes, SECONDS, window)
    rate = statistics.mean(per_second(report, SECONDS)[2:-2])
    refused, fair = len(report["refused"]["read"]), jain(counts)
    yield GoalLine(
        f"{processes} processes through Redis for {SECONDS} s: {window}",
        f"{rate:.1f}/s, {refused} refused, Jain {fair:.3f}",
        "96/s within 1, 0, 0.99",
        abs(rate - 96) <= 1 and not refused and fair >= 0.99,
    )
    share = report["calls"] / sum(counts)
    yield GoalLine("  calls to Redis per request", f"{share:.2f}", "at most 0.3", share <= 0.3)


def killed(redis: RedisServer) -> None:
    time.sleep(BEFORE)
    redis.stop()
    time.sleep(AWAY)
    redis.start()


def frozen(redis: RedisServer) -> None:
    time.sleep(BEFORE)
    redis.process.send_signal(signal.SIGSTOP)
    time.sleep(AWAY)
    redis.process.send_signal(signal.SIGCONT)


def outage(processes: int, how: Callable[[RedisServer], None]) -> Iterable[GoalLine]:
    seconds = BEFORE + AWAY + 8
    _, report = together([READERS // processes] * processes, seconds, "log", during=how)
    rates, refused = per_second(report, seconds)[1:-1], len(report["refused"]["read"])
    again = statistics.mean(per_second(report, seconds)[BEFORE + AWAY + 3 : -1])
    yield GoalLine(
        f"{processes} processes, Redis {how.__name__} for {AWAY} s: log",
        f"least {min(rates)}/s, {refused} refused, then {again:.1f}/s",
        "65/s, at most 5, 94/s",
        min(rates) >= 65 and refused <= 5 and again >= 94,
    )


def one_busy() -> GoalLine:
    _, report = together([READERS, 0, 0, 0], 15, "log")
    rate = statistics.mean(per_second(report, 15)[2:-2])
    return GoalLine("4 processes through Redis, three of them idle: log", f"{rate:.1f}/s", "94/s", rate >= 94)


def lines() -> Iterable[GoalLine]:
    if redis_server is None:
        yield GoalLine("several processes through Redis", "redis-server is not installed", "")
        return
    for processes in (4, 8):
        for window in ("fixed", "log"):
            yield from steady(processes, window)
    yield one_busy()
    for processes in (4, 8):
        yield from outage(processes, killed)
    yield from outage(4, frozen)
