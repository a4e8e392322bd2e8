"""Try features of clients of Attio against the fake, and print them as a table.

    python benchmarks/features.py          all features
    python benchmarks/features.py pages    one of them, with what each client printed
    python benchmarks/features.py --docs   write the table to docs/comparison.md

Each client is used as its documentation shows, with its default settings, in an environment of its own. The client of npm
needs Node.
"""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from attio_async import RateLimiter
from attio_async.testing import (
    FakeAttio,
    FixedResponse,
    Limits,
    ServerFailure,
    SystemClock,
    TooManyRequests,
)
from clients import NODE, PEERS, installed

DOCS = Path(__file__).parents[1] / "docs" / "comparison.md"
CLIENTS = {
    "attio-async": "attio-async",
    "attio": "attio 0.26.1",
    "py-attio": "py-attio 0.9.0",
    NODE: f"{NODE} 2.3.0 (npm)",
    "httpx": "httpx",
}
MANY = 620
NEW_TYPE = {
    "data": [
        {
            "id": {"workspace_id": "w", "object_id": "o", "record_id": "r"},
            "created_at": "2026-01-01T00:00:00.000000000Z",
            "web_url": "https://app.example.com",
            "new_field": 1,
            "values": {
                "mood": [{"attribute_type": "mood", "level": 3, "active_from": "2026-01-01T00:00:00Z"}]
            },
        }
    ]
}


@dataclass(frozen=True)
class Feature:
    """A thing that a client does or does not, and how to see it."""

    title: str
    task: str
    expected: str
    prepare: Callable[[FakeAttio], object]


def _people(count: int, fake: FakeAttio) -> None:
    """Create people by requests, since the client of npm reads no values that the system wrote."""
    fake.limits = Limits.none()

    async def create() -> None:
        async with fake.client(limiter=RateLimiter(reads=5_000, writes=5_000)) as attio:
            await attio.people.create_many({"job_title": "Engineer"} for _ in range(count))

    asyncio.run(create())


FEATURES = {
    "pages": Feature("one loop returns all pages", "all", str(MANY), partial(_people, MANY)),
    "values": Feature("a value is plain", "value", "Engineer", partial(_people, 1)),
    "rate": Feature(
        "a 429 with a date in `Retry-After` is waited out",
        "read",
        "ok",
        lambda fake: fake.fault(TooManyRequests("date"), operation="query_records"),
    ),
    "outage": Feature(
        "a read is retried after a 503",
        "read",
        "ok",
        lambda fake: fake.fault(ServerFailure(503), operation="query_records"),
    ),
    "pace": Feature(
        "60 creates at once get no 429", "creates", "ok", lambda fake: setattr(fake, "limits", Limits())
    ),
    "tolerance": Feature(
        "an attribute type that is new is read",
        "read",
        "ok",
        lambda fake: fake.fault(FixedResponse(200, NEW_TYPE), operation="query_records"),
    ),
    "cancel": Feature(
        "an event loop goes on meanwhile", "loop", "ok", lambda fake: setattr(fake, "latency", 0.5)
    ),
}


def command(client: str) -> list[str]:
    """Return the command that starts a client."""
    if client == NODE:
        folder = installed("node", PEERS / "package.json")
        return ["node", str(shutil.copy(PEERS / "features_worker.mjs", folder))]
    folder = installed("python", PEERS / "requirements.txt")
    python = sys.executable if client == "attio-async" else str(folder / "bin" / "python")
    return [python, str(PEERS / "features_worker.py"), client]


def run(feature: Feature, client: str) -> str:
    """Return what a client prints for a feature."""
    fake = FakeAttio(token="test-token", clock=SystemClock())
    feature.prepare(fake)
    with fake.serve() as server:
        done = subprocess.run(
            [*command(client), server.url, feature.task],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


def table() -> str:
    """Return a row for each feature."""
    lines = [f"| feature | {' | '.join(CLIENTS.values())} | shown by |", f"|---|{'---|' * len(CLIENTS)}---|"]
    for name, feature in FEATURES.items():
        cells = ["yes" if run(feature, client) == feature.expected else "no" for client in CLIENTS]
        lines.append(f"| {feature.title} | {' | '.join(cells)} | `python benchmarks/features.py {name}` |")
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Print the table, or what the clients print for one feature."""
    if arguments and arguments[0] in FEATURES:
        for client in CLIENTS:
            print(f"{client}: {run(FEATURES[arguments[0]], client)}")
        return
    made = table()
    print(made)
    if "--docs" in arguments:
        text = DOCS.read_text(encoding="utf-8")
        marked = re.compile(r"(?<=<!-- tried: start -->\n)(.*?)(?=<!-- tried: end -->)", re.DOTALL)
        DOCS.write_text(marked.sub(lambda _: f"\n{made}\n\n", text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
