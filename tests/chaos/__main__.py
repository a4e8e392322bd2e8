"""Two hundred random kills of jobs of two thousand rows, and jobs of whose requests some fail: `make chaos`.

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

from .hindering import hindered
from .jobs import KINDS, counts
from .killing import survive
from .works import work

ROWS = 2_000
KILLS = 200
OF_EACH = 10
"""Kills of one job."""
FAILING = 0.05
"""The share of requests that fail."""


def killed(kills: int, seed: int) -> bool:
    """Whether all jobs ended as they should."""
    is_right = True
    for number in itertools.count(seed):
        if kills <= 0:
            return is_right
        job = work(KINDS[number % len(KINDS)], ROWS)
        with tempfile.TemporaryDirectory() as folder:
            after = survive(Path(folder), job, kills=min(OF_EACH, kills), seed=number)
        kills -= after.kills
        is_right &= not after.problems
        show(f"{kills:>3} to go", job.kind, f"{after.kills} kills", after.counts, after.problems)
    return is_right


def failing() -> bool:
    """Whether all jobs ended as they should."""
    is_right = True
    for kind in KINDS:
        after = anyio.run(partial(hindered, work(kind, ROWS), share=FAILING))
        is_right &= not after.problems
        show("failing", kind, f"{after.faults} faults", counts(after.report), after.problems)
    return is_right


def show(first: str, kind: str, what: str, ended: dict[str, int], problems: Sequence[str]) -> None:
    told = ", ".join(f"{count} {how}" for how, count in ended.items() if count)
    print(f"{first:<10} {kind:<8} {what:<11} {told}: {'; '.join(problems) or 'as it should be'}", flush=True)


if __name__ == "__main__":
    asked = [int(word) for word in sys.argv[1:]]
    right = killed(*[*asked, *(KILLS, 1)[len(asked) :]])
    sys.exit(0 if failing() and right else 1)
