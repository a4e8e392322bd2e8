"""Reading pages and single records over TLS, side by side with other clients: CPU per record and per request."""

import json
import statistics
import time
from collections.abc import Iterable, Mapping

import people
from charts import Chart
from clients import LABELS, NODE, Spread, in_rounds, ratio, running
from harness import GoalLine

OWN = ("ours zlib", "ours speed", "ours httpx2", "ours aiohttp")
ALL = (*OWN, "httpx", "aiohttp", "py-attio", "attio", NODE)
SLOW = ("attio", NODE)
PAGES, FEW_PAGES, REQUESTS, FEW_REQUESTS, ROUNDS = 16, 2, 200, 80, 9
CEILING = 50_000
"""Records per second that one workspace may read: 100 pages of 500."""


def lines() -> Iterable[GoalLine | Chart]:
    with running(ALL) as workers:
        yield from _pages(
            in_rounds(workers, "pages", dict.fromkeys(SLOW, FEW_PAGES), usual=PAGES, rounds=ROUNDS)
        )
        speed = workers["ours speed"]
        speed.run("ahead", PAGES)
        took = [speed.run("ahead", 5 * PAGES) for _ in range(ROUNDS)]
        rate = Spread.of([each["count"] / each["wall"] for each in took])
        yield GoalLine(
            "records per second, end to end, pages fetched ahead, with speed",
            rate.text(digits=0),
            f"at least {CEILING}",
            rate.median >= CEILING,
        )
        plain = [workers["httpx"].run("pages", FEW_PAGES) for _ in range(ROUNDS)]
        there = Spread.of([each["count"] / each["wall"] for each in plain])
        yield GoalLine("  httpx + orjson, page after page", there.text(digits=0), "")
        yield GoalLine(
            "  json.loads of one page", f"{_decoding():.0f} us per record", "39 where that goal was set"
        )
        for task, what in (("get", "GET one record"), ("put", "PUT one record")):
            found = in_rounds(workers, task, dict.fromkeys(SLOW, FEW_REQUESTS), usual=REQUESTS, rounds=ROUNDS)
            yield from _requests(what, task, found)


def _decoding() -> float:
    """Microseconds of CPU for each record of a page that the standard library decodes: how fast this machine is."""
    page = people.page()
    took: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        records = json.loads(page)["data"]
        took.append((time.process_time() - started) / len(records) * 1e6)
    return statistics.median(took)


def _pages(found: Mapping[str, list[float]]) -> Iterable[GoalLine | Chart]:
    yield _chart(
        "pages", "CPU per record: pages of 500 people over TLS and gzip, five attributes read", found
    )
    for name, most in (("ours zlib", 0.27), ("ours speed", 0.20)):
        spread = ratio(found[name], found["httpx"])
        yield GoalLine(
            f"pages, CPU of {LABELS[name]} : httpx + orjson",
            spread.text(),
            f"at most {most}",
            spread.median <= most,
        )
    for peer, (least, fast) in {"attio": (11, 13), NODE: (16, 20)}.items():
        for name, goal in (("ours zlib", least), ("ours speed", fast)):
            if peer in found:
                spread = ratio(found[peer], found[name])
                yield GoalLine(
                    f"pages, CPU of {LABELS[peer]} : {LABELS[name]}",
                    spread.text(digits=1),
                    f"at least {goal}",
                    spread.median >= goal,
                )
    yield from _rest("pages", found, "us per record")


def _requests(what: str, task: str, found: Mapping[str, list[float]]) -> Iterable[GoalLine | Chart]:
    yield _chart(task, f"CPU per request: {what} over TLS and gzip, five attributes read", found)
    spread = ratio(found["ours zlib"], found["httpx"])
    yield GoalLine(
        f"{what}, CPU of attio-async : httpx + orjson", spread.text(), "at most 0.85", spread.median <= 0.85
    )
    for name, most in (("ours zlib", 1.45), ("ours speed", 1.10)):
        spread = ratio(found[name], found["aiohttp"])
        yield GoalLine(
            f"{what}, CPU of {LABELS[name]} : aiohttp + orjson",
            spread.text(),
            f"at most {most:.2f}",
            spread.median <= most,
        )
    spread = ratio(found["attio"], found["ours zlib"])
    yield GoalLine(
        f"{what}, CPU of attio 0.26.1 : attio-async", spread.text(digits=1), "at least 4", spread.median >= 4
    )
    yield from _rest(task, found, "us per request")


def _rest(task: str, found: Mapping[str, list[float]], unit: str) -> Iterable[GoalLine]:
    """Everybody's figures, for comparison."""
    for name, values in found.items():
        yield GoalLine(f"  {task}, {LABELS[name]}", Spread.of(values).text(f" {unit}", digits=0), "")


def _chart(name: str, title: str, found: Mapping[str, list[float]]) -> Chart:
    return Chart(name, title, "us of CPU", {LABELS[key]: Spread.of(values) for key, values in found.items()})
