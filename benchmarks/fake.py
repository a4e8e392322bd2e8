"""The fake workspace: how many requests, how fast, in how much memory. Each figure comes from a process of its own.

All of it is computing, so that what counts is the processor's time: what else the machine does changes little.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import anyio
import httpx
import msgspec

from attio_async.testing import FakeAttio, VirtualClock
from harness import GoalLine

TYPES = {
    "title": "text",
    "note": "text",
    "city": "text",
    "size": "number",
    "active": "checkbox",
    "since": "date",
    "seen": "timestamp",
    "kind": "select",
    "price": "currency",
    "stars": "rating",
}
KINDS = ("large", "medium", "small")
QUERY = "/v2/objects/things/records/query"


def values(number: int) -> dict[str, object]:
    """Ten attributes of a thing."""
    return {
        "title": f"Thing {number}",
        "note": f"Note {number} of many",
        "city": f"City {number % 100}",
        "size": number,
        "active": number % 2 == 0,
        "since": f"2024-01-{number % 28 + 1:02}",
        "seen": f"2024-01-01T10:{number % 60:02}:00Z",
        "kind": KINDS[number % 3],
        "price": number * 1.5,
        "stars": number % 6,
    }


def workspace(things: int) -> FakeAttio:
    """Return a workspace with that many things."""
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_object("things")
    for slug, type_ in TYPES.items():
        fake.seed.add_attribute("things", slug, type_, options=KINDS if type_ == "select" else ())
    for number in range(things):
        fake.seed.add_record("things", values(number))
    return fake


def ask(fake: FakeAttio, method: str, target: str, body: object = None) -> bytes:
    """Send one request, which must succeed."""
    encoded = b"" if body is None else msgspec.json.encode(body)
    answer = fake.handle(method, target, {"Authorization": f"Bearer {fake.token}"}, encoded)
    if answer.status != 200:
        raise RuntimeError(f"{method} {target}: {answer.status} {answer.body!r}")
    return answer.body


def seconds(action: Callable[[], object]) -> float:
    """Return the CPU time that a call takes."""
    start = time.process_time()
    action()
    return time.process_time() - start


def milliseconds(action: Callable[[], object], *, rounds: int = 25, times: int = 1) -> float:
    """Return the median of some rounds, in thousandths of a second for one time."""

    def repeat() -> None:
        for _ in range(times):
            action()

    repeat()
    return statistics.median(seconds(repeat) for _ in range(rounds)) / times * 1e3


def a_record(fake: FakeAttio) -> str:
    return f"/v2/objects/things/records/{fake.records('things')[0]['id']['record_id']}"


def reads() -> float:
    fake = workspace(20)
    target = a_record(fake)
    return 1e3 / milliseconds(lambda: ask(fake, "GET", target), times=200)


def writes() -> float:
    fake = workspace(20)
    target = a_record(fake)
    numbers = iter(range(10**9))
    body = {"data": {"values": {}}}

    def write() -> None:
        body["data"]["values"] = {"title": f"Title {next(numbers)}"}
        ask(fake, "PATCH", target, body)

    return 1e3 / milliseconds(write, times=200, rounds=9)


def transported() -> float:
    """Through the transport, without a client before it."""
    fake = workspace(20)
    target = a_record(fake)

    async def carry() -> float:
        transport = fake.transport()
        request = httpx.Request(
            "GET", f"https://api.example.com{target}", headers={"Authorization": f"Bearer {fake.token}"}
        )
        rates = []
        for _ in range(15):
            start = time.process_time()
            for _ in range(200):
                answer = await transport.handle_async_request(request)
                await answer.aread()
            rates.append(200 / (time.process_time() - start))
        return statistics.median(rates)

    return anyio.run(carry)


def page() -> float:
    fake = workspace(2_000)
    return milliseconds(lambda: ask(fake, "POST", QUERY, {"limit": 500}))


def snapshot() -> float:
    fake = workspace(20)
    numbers = iter(range(10**9))

    def change_and_keep() -> float:
        fake.seed.add_record("things", {"title": f"New {next(numbers)}"})
        return seconds(fake.snapshot)

    fake.snapshot()
    return statistics.median(change_and_keep() for _ in range(100)) * 1e3


def restore() -> float:
    fake = workspace(20)
    kept = fake.snapshot()

    def change_and_restore() -> float:
        for number in range(3):
            fake.seed.add_record("things", {"title": f"New {number}"})
        return seconds(lambda: fake.restore(kept))

    return statistics.median(change_and_restore() for _ in range(100)) * 1e3


def query() -> float:
    """Return the slowest of some filters over 10,000 records, none of which an index helps with."""
    fake = workspace(10_000)
    filters = (
        {"title": {"$contains": "77"}},
        {"size": {"$gt": 9_000}},
        {"$and": [{"kind": "small"}, {"stars": {"$gte": 3}}]},
        {"$not": {"city": "City 5"}},
    )
    return max(
        milliseconds(lambda wanted=wanted: ask(fake, "POST", QUERY, {"filter": wanted, "limit": 50}))
        for wanted in filters
    )


def memory() -> float:
    fake = workspace(100_000)
    ask(fake, "POST", QUERY, {"limit": 1, "offset": 99_999})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


GOALS = (
    (reads, "small reads in process", "/s", 2_000, None),
    (writes, "small writes in process", "/s", 2_000, None),
    (transported, "small reads through the transport", "/s", 2_000, None),
    (page, "a page of 500 records", " ms", None, 10),
    (snapshot, "a snapshot of a small workspace", " ms", None, 0.5),
    (restore, "restoring it", " ms", None, 0.5),
    (query, "a filtered query over 10,000 records", " ms", None, 50),
    (memory, "100,000 records with ten set attributes", " MB", None, 600),
)


def lines() -> Iterator[GoalLine]:
    for measure, what, unit, least, most in GOALS:
        done = subprocess.run(
            [sys.executable, __file__, measure.__name__], capture_output=True, text=True, check=True
        )
        figure = json.loads(done.stdout)
        met = figure >= least if most is None else figure < most
        goal = f"at least {least:,}{unit}" if most is None else f"under {most:g}{unit}"
        yield GoalLine(f"fake: {what}", f"{figure:,.{0 if figure >= 100 else 2}f}{unit}", goal, met)


if __name__ == "__main__":
    print(json.dumps({measure.__name__: measure for measure, *_ in GOALS}[sys.argv[1]]()))
