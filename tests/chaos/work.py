"""The jobs that are killed and disturbed: the workspace before, the rows, and the workspace that must result."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import anyio
import attrs

from attio_async import BulkReport, RateLimiter
from attio_async.testing import FakeAttio, Limits, VirtualClock

from .operations import Row, begin, counts

UNLIMITED_RATE = 100_000
"""Reads and writes per second: more than these tests can reach."""


@attrs.frozen
class Work:
    """A job, and how it ends when it is not disturbed.

    Attributes:
        kind: The operation.
        before: The workspace before the job.
        rows: The rows.
        after: The companies after the job.
        counts: The number of rows by how they end.
    """

    kind: str
    before: bytes
    rows: Sequence[Row]
    after: Counter[tuple[str, ...]]
    counts: Mapping[str, int]

    def fake(self, **options: Any) -> FakeAttio:
        """Return the workspace before the job."""
        limits = Limits(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE, endpoints={})
        return FakeAttio.from_json(self.before, **{"limits": limits, **options})


def content(fake: FakeAttio) -> Counter[tuple[str, ...]]:
    """Return the companies without their ids."""
    return Counter(_told(record["values"]) for record in fake.records("companies"))


@cache
def work(kind: str, size: int) -> Work:
    """Return a job of that many rows."""
    fake = FakeAttio(clock=VirtualClock())
    rows = [_row(kind, number) for number in range(size)]
    for number, row in enumerate(rows):
        if kind in {"update", "delete"} or (kind == "upsert" and number % 4 < 2):
            there = {
                "name": f"Company {number}",
                "domains": [f"c{number}.example.com"],
                "description": "as it was",
            }
            record = fake.seed.add_record("companies", there)
            if kind in {"update", "delete"}:
                row["record_id"] = record["id"]["record_id"]
    before = fake.to_json()
    report = anyio.run(_uninterrupted, kind, fake, rows)
    return Work(kind, before, tuple(rows), content(fake), counts(report))


async def _uninterrupted(kind: str, fake: FakeAttio, rows: Sequence[Row]) -> BulkReport:
    return await begin(
        kind, fake.client(limiter=RateLimiter(reads=UNLIMITED_RATE, writes=UNLIMITED_RATE)), rows
    )


def _row(kind: str, number: int) -> Row:
    """Return a row; of upserts a half is new, a quarter changes a company, and a quarter changes nothing."""
    new = {"name": f"Company {number}", "domains": [f"c{number}.example.com"], "description": "as it was"}
    if kind == "upsert" and number % 4:
        return {**new, "description": "as it is now"}
    if kind == "keyless":
        return {"name": f"Company {number}"}
    if kind == "update":
        return {"description": "as it is now"}
    return {} if kind == "delete" else new


def _told(values: Mapping[str, Any]) -> tuple[str, ...]:
    texts = [value["value"] for slug in ("name", "description") for value in values[slug]]
    return (*texts, *sorted(value["domain"] for value in values["domains"]))
