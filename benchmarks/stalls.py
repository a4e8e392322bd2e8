"""The time that other tasks on the event loop wait while pages are read."""

from collections.abc import Iterable
from statistics import median

from clients import LABELS, running
from harness import GoalLine

PAGES, ROUNDS = 12, 5


def lines() -> Iterable[GoalLine]:
    with running(("ours zlib", "ours speed", "httpx")) as workers:
        for worker in workers.values():
            worker.run("stalls", 3)
        found = {name: list[dict[str, float]]() for name in workers}
        for _ in range(ROUNDS):
            for name, worker in workers.items():
                found[name].append(worker.run("stalls", PAGES))
    for name, rounds in found.items():
        usual, worst = median(each["p99"] for each in rounds), median(each["max"] for each in rounds)
        own = name.startswith("ours")
        yield GoalLine(
            f"stall of the event loop, pages, {LABELS[name]}: 99th percentile, most",
            f"{usual:.1f} ms, {worst:.1f} ms",
            "at most 3 ms, 10 ms" if own else "",
            usual <= 3 and worst <= 10 if own else None,
        )
