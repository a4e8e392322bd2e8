"""Memory while pages are streamed, and of records that are kept, each in a process of its own."""

from collections.abc import Iterable

from clients import running
from harness import GoalLine

OURS = "ours speed"
PAGES, MORE_PAGES, KEPT = 400, 2000, 20


def grown(task: str, pages: int) -> float:
    """Megabytes that the most memory of a process grows by that has read one record before."""
    with running((OURS,)) as workers:
        workers[OURS].run("get", 1)
        return workers[OURS].run(task, pages)["grown"]


def lines() -> Iterable[GoalLine]:
    some = grown("far ahead", PAGES)
    yield GoalLine(
        f"streaming {PAGES * 500:,} records, 16 pages ahead, over the base",
        f"{some:.0f} MB",
        "at most 16 MB",
        some <= 16,
    )
    more = grown("far ahead", MORE_PAGES)
    yield GoalLine(
        f"streaming {MORE_PAGES * 500:,} records likewise",
        f"{more:.0f} MB",
        "no more than that",
        more <= max(16, 1.1 * some),
    )
    kept = grown("kept", KEPT) * 1000 / (KEPT * 500)
    yield GoalLine("each record that is kept", f"{kept:.1f} kB", "at most 11 kB", kept <= 11)
