"""A bulk upsert over real HTTP into a strict fake: 25 writes a second in fixed windows, 40 ms away."""

import anyio

from attio_async import Attio
from attio_async.testing import FakeAttio, Limits
from harness import Line

ROWS = 500


async def run(url: str, token: str) -> tuple[float, int, int]:
    stamps: list[float] = []
    rows = ({"name": f"Company {n}", "domains": f"c{n}.example"} for n in range(ROWS))
    async with Attio(token, base_url=url) as attio:
        report = await attio.companies.upsert_many(
            rows, match="domains", on_outcome=lambda _: stamps.append(anyio.current_time())
        )
    late = [stamp for stamp in stamps if stamp >= stamps[0] + 1]
    return len(late) / (late[-1] - late[0]), report.rate_limited, report.created


def lines() -> list[Line]:
    fake = FakeAttio(limits=Limits(reads=100, writes=25, window="fixed"), latency=0.04)
    with fake.serve(port=0) as server:
        rate, refused, created = anyio.run(run, server.url, fake.token)
    return [
        Line(
            f"writes per second of a {ROWS}-row upsert, after the first second",
            f"{rate:.1f}/s of 25",
            "at least 22.5",
            rate >= 22.5,
        ),
        Line("  refused meanwhile (429)", str(refused), "0", refused == 0),
        Line("  rows created", str(created), str(ROWS), created == ROWS),
    ]
