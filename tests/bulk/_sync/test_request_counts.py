"""The number of requests that a sync of many rows takes."""

from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio, RateLimiter
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = [pytest.mark.anyio, pytest.mark.full, pytest.mark.at_length]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def seeded(count: int) -> tuple[FakeAttio, Attio, list[dict[str, Any]]]:
    fake = FakeAttio(clock=VirtualClock(), latency=0.01)
    fake.seed.add_attribute("companies", "plan", "text")
    rows = [{"domains": f"c{number}.example.com", "plan": f"plan {number % 7}"} for number in range(count)]
    for row in rows:
        fake.seed.add_record("companies", {**row, "domains": [row["domains"]]})
    return fake, fake.client(limiter=RateLimiter(reads=5_000, writes=5_000)), rows


def requests(fake: FakeAttio) -> tuple[int, int]:
    """Return the number of reads and of writes."""
    reads = sum(call.method == "GET" or call.path.endswith("/query") for call in fake.calls)
    return reads, len(fake.calls) - reads


async def test_10_000_unchanged_rows_take_at_most_80_requests(tmp_path: Path) -> None:
    fake, attio, rows = seeded(10_000)
    for _ in range(2):  # the second time with a state that knows them
        fake.calls.clear()
        report = await attio.companies.sync_to(
            rows, match="domains", owned=["plan"], missing="clear", state=tmp_path / "s.db"
        )
        assert report.unchanged == 10_000
        assert sum(requests(fake)) <= 80, requests(fake)


async def test_50_000_rows_of_which_2_percent_changed_take_500_reads_and_1_000_writes(tmp_path: Path) -> None:
    fake, attio, rows = seeded(50_000)
    changed = [{**row, "plan": "Other"} if place % 50 == 0 else row for place, row in enumerate(rows)]
    report = await attio.companies.sync_to(
        changed, match="domains", owned=["plan"], missing="clear", state=tmp_path / "s.db"
    )
    assert (report.updated, report.unchanged) == (1_000, 49_000)
    reads, writes = requests(fake)
    assert reads <= 500
    assert writes <= 1_000
