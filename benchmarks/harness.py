"""Timing two things in turns, and telling the ratio with its spread."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class GoalLine:
    """One line of the report: what, how much, compared with what, and whether the goal is met."""

    what: str
    figure: str
    goal: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]

    def __str__(self) -> str:
        return f"{self.what:<64} {self.figure:<34} {self.goal:<26} {self.verdict}"


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def in_turns(
    ours: Callable[[], object], peer: Callable[[], object], *, rounds: int = 15
) -> tuple[float, str]:
    """Return the median of the ratio ours : peer over rounds that alternate, and the figure as text."""
    ours(), peer()
    ratios = []
    for _ in range(rounds):
        base = seconds(peer)
        ratios.append(seconds(ours) / base)
    quarters = statistics.quantiles(ratios, n=4)
    return quarters[1], f"{quarters[1]:.3f} ({quarters[0]:.3f} to {quarters[2]:.3f})"


def best(action: Callable[[], object], *, rounds: int = 9) -> float:
    """Return the median of some rounds, in seconds."""
    return statistics.median(seconds(action) for _ in range(rounds))
