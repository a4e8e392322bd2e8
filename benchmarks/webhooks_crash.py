"""10,000 messages to a receiver that is killed 20 times, with duplicates, out of order, and handlers that fail."""

import sys
import tempfile
import time
from pathlib import Path

from harness import GoalLine

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.webhooks.crashes import survive

MESSAGES = 10_000
KILLS = 20


def lines() -> list[GoalLine]:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        after = survive(Path(folder), str(Path(folder, "hooks.db")), messages=MESSAGES, kills=KILLS)
    took = time.perf_counter() - start
    return [
        GoalLine(
            f"{MESSAGES} messages, {after.answered} deliveries, {KILLS} kills, {took:.0f} s: lost",
            f"{len(after.lost)} of {len(after.sent)}",
            "0",
            not after.lost and len(after.sent) == MESSAGES,
        ),
        GoalLine(
            "handled to the end, and then again",
            f"{after.repeated}",
            f"at most {after.most_repeated}, interrupted",
            after.repeated <= after.most_repeated,
        ),
    ]
