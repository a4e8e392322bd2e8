"""Two hundred random kills of jobs of two thousand rows, jobs with failing requests, and an engine.

The longer part of `make chaos`, which also runs the tests that are marked `chaos`.

    python -m tests.chaos [KILLS [SEED]]

Exits with 1 when a job does not end as it should.
"""
# ruff: noqa: T201 - a program

import itertools
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import anyio
import pytest

from tests.postgres import running_postgres
from tests.redis_server import redis_server, running_redis

from . import engine
from .faulty_run import run_with_faults
from .killed_run import survive
from .operations import KINDS, counts
from .shared_run import run_shared
from .work import work

ROWS = 2_000
KILLS = 200
KILLS_PER_JOB = 10
FAULT_SHARE = 0.05
"""The share of requests that fail."""


def run_killed(kills: int, seed: int) -> bool:
    """Kill jobs at random points; return True if all of them ended as they should."""
    is_right = True
    for number in itertools.count(seed):
        if kills <= 0:
            return is_right
        job = work(KINDS[number % len(KINDS)], ROWS)
        with tempfile.TemporaryDirectory() as folder:
            after = survive(Path(folder), job, kills=min(KILLS_PER_JOB, kills), seed=number)
        kills -= after.kills
        is_right &= not after.problems
        show(f"{kills:>3} to go", job.kind, f"{after.kills} kills", after.counts, after.problems)
    return is_right


def run_faulty() -> bool:
    """Run jobs with failing requests; return True if all of them ended as they should."""
    is_right = True
    for kind in KINDS:
        after = anyio.run(partial(run_with_faults, work(kind, ROWS), share=FAULT_SHARE))
        is_right &= not after.problems
        show("failing", kind, f"{after.faults} faults", counts(after.report), after.problems)
    return is_right


def run_in_processes() -> bool:
    """Run jobs in several processes, one of which dies; return True if they ended as they should."""
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    is_right = True
    for reads_input in (False, True):
        with (
            tempfile.TemporaryDirectory() as folder,
            running_postgres() as postgres,
            running_redis() as redis,
        ):
            after = run_shared(
                Path(folder),
                work("upsert", ROWS),
                postgres=postgres,
                redis=redis.url,
                processes=3,
                rate=500,
                reads_input=reads_input,
            )
        is_right &= not after.problems
        show("shared", "upsert", f"{after.rate_limited} limited", after.counts[0], after.problems)
    return is_right


def show(first: str, kind: str, what: str, ended: dict[str, int], problems: Sequence[str]) -> None:
    told = ", ".join(f"{count} {how}" for how, count in ended.items() if count)
    print(f"{first:<10} {kind:<8} {what:<11} {told}: {'; '.join(problems) or 'as it should be'}", flush=True)


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    right = run_killed(*[*asked, *(KILLS, 1)[len(asked) :]])
    right &= run_faulty()
    try:
        right &= run_in_processes()
        right &= engine.main()
    except pytest.skip.Exception as missing:
        print(f"shared     not tried: {missing}")
    sys.exit(0 if right else 1)
