"""Many tasks on one client: how long all of them take, what each costs, and what cancelling them costs."""

from collections.abc import Iterable

from clients import Spread, running
from harness import GoalLine

OURS, PEER = "ours zlib", "aiohttp"
TASKS, CONNECTIONS, DELAY, ROUNDS = 1000, 50, 0.1, 5
STEADY, FAR = 10, 0.8
CANCELLED = 10_000


def lines() -> Iterable[GoalLine]:
    with running((OURS, PEER), f"/delay={DELAY}") as workers:
        for worker in workers.values():
            worker.run("crowd", TASKS // 2)
        both = [(workers[OURS].run("crowd", TASKS), workers[PEER].run("crowd", TASKS)) for _ in range(ROUNDS)]
    took, peer = [each for each, _ in both], [each for _, each in both]
    ideal = TASKS / CONNECTIONS * DELAY
    wall = Spread.of([each["wall"] / ideal for each in took])
    cpu = Spread.of([each["cpu"] / TASKS * 1000 for each in took])
    yield GoalLine(
        f"{TASKS} tasks over {CONNECTIONS} connections: time : ideal",
        wall.text(),
        "at most 1.05",
        wall.median <= 1.05,
    )
    yield GoalLine("  CPU of each request", cpu.text(" ms"), "at most 0.25 ms", cpu.median <= 0.25)
    yield GoalLine(
        "  time : ideal, CPU of aiohttp + orjson",
        f"{Spread.of([each['wall'] / ideal for each in peer]).text()}, "
        f"{Spread.of([each['cpu'] / TASKS * 1000 for each in peer]).text(' ms')}",
        "",
    )
    fair = all(each["in_order"] for each in took)
    yield GoalLine("  first come, first served", "yes" if fair else "no", "yes", fair)
    with running((OURS,), f"/delay={FAR}") as workers:
        each = workers[OURS].run("steady", STEADY)
    share = 100 * each["cpu"] / each["wall"]
    yield GoalLine(
        f"all that the limits allow, {FAR} s away: of one core", f"{share:.0f} %", "at most 30 %", share <= 30
    )
    yield GoalLine(
        "  reads, writes per second",
        f"{each['reads']:.1f}, {each['writes']:.1f}",
        "90 and 22 of 100 and 25",
        each["reads"] >= 90 and each["writes"] >= 22,
    )
    with running((OURS,), "/delay=0.002") as workers:
        for task, how in (
            ("cancelled", "natively"),
            ("scopes", "through scopes"),
            ("scopes of trio", "through scopes of trio"),
        ):
            done = workers[OURS].run(task, CANCELLED)["count"] == CANCELLED
            yield GoalLine(
                f"{CANCELLED:,} requests cancelled {how}",
                "nothing lost" if done else "stuck",
                "nothing lost",
                done,
            )
