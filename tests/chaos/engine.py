"""Fifty tenants, four workers, fifty kills, and restarts of both databases: `python -m tests.chaos.engine [SECONDS [SEED]]`.

Part of `make chaos`. Exits with 1 when a goal is missed.
"""
# ruff: noqa: T201 - a program

import sys

from .engine_run import ChaosPlan, run_engine

SECONDS = 240.0


def main(seconds: float = SECONDS, seed: int = 1) -> bool:
    """Run, print the figures, and return True if all goals are met."""
    figures = run_engine(ChaosPlan(seconds=seconds, seed=seed))
    print(f"engine     {figures}: {'; '.join(figures.problems) or 'as it should be'}", flush=True)
    return not figures.problems


if __name__ == "__main__":
    sys.exit(0 if main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])) else 1)
