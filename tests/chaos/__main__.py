"""Two hundred random kills of jobs of two thousand rows: `make chaos`. Exits with 1 when a job does not end as it should.

python -m tests.chaos [KILLS [SEED]]
"""

import itertools
import sys
import tempfile
import time
from pathlib import Path

from .jobs import KINDS
from .killing import survive
from .works import work

ROWS = 2_000
KILLS = 200
OF_EACH = 10
"""Kills of one job."""


def main(kills: int = KILLS, seed: int = 1) -> int:
    """How many jobs did not end as they should."""
    began, wrong = time.monotonic(), 0
    for number in itertools.count(seed):
        if kills <= 0:
            return wrong
        job = work(KINDS[number % len(KINDS)], ROWS)
        with tempfile.TemporaryDirectory() as folder:
            after = survive(Path(folder), job, kills=min(OF_EACH, kills), seed=number)
        kills -= after.kills
        wrong += bool(after.problems)
        told = f"{job.kind:<8} {after.kills:>2} kills, {len(after.told)} of {ROWS} rows reported"
        ended = ", ".join(f"{count} {how}" for how, count in after.counts.items() if count)
        verdict = "; ".join(after.problems) or "as it should be"
        seconds = time.monotonic() - began
        print(f"{seconds:4.0f} s  {told}; {ended}: {verdict}; {kills} kills to go", flush=True)  # noqa: T201 - a program
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
