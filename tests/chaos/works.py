"""The jobs that are killed and hindered: what is there before, what is to be written, and what must be there at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import anyio
import attrs

from attio_async import BulkReport, RateLimiter
from attio_async.testing import FakeAttio, Limits, VirtualClock

from .jobs import Row, begin, counts

RAISED = 100_000
"""Reads and writes per second: more than any of these tests can make."""


@attrs.frozen
class Work:
    """A job, and how it ends when nobody interferes.

    Attributes:
        kind: What is done with the rows.
        before: The workspace before the job.
        rows: What the job is given.
        after: The companies after it.
        counts: How many rows end how.
    """

    kind: str
    before: bytes
    rows: Sequence[Row]
    after: Counter[tuple[str, ...]]
    counts: Mapping[str, int]

    def fake(self, **options: Any) -> FakeAttio:
        """The workspace before the job."""
        limits = Limits(reads=RAISED, writes=RAISED, endpoints={})
        return FakeAttio.from_json(self.before, **{"limits": limits, **options})


def content(fake: FakeAttio) -> Counter[tuple[str, ...]]:
    """The companies, whatever their ids."""
    return Counter(_told(record["values"]) for record in fake.records("companies"))


@cache
def work(kind: str, size: int) -> Work:
    """A job of so many rows."""
    fake = FakeAttio(clock=VirtualClock())
    rows = [_row(kind, number) for number in range(size)]
    for number, row in enumerate(rows):
        if kind in {"update", "delete"} or (kind == "upsert" and number % 4 < 2):
            there = {
                "name": f"Company {number}",
                "domains": [f"c{number}.example"],
                "description": "as it was",
            }
            record = fake.seed.add_record("companies", there)
            if kind in {"update", "delete"}:
                row["record_id"] = record["id"]["record_id"]
    before = fake.to_json()
    report = anyio.run(_uninterrupted, kind, fake, rows)
    return Work(kind, before, tuple(rows), content(fake), counts(report))


async def _uninterrupted(kind: str, fake: FakeAttio, rows: Sequence[Row]) -> BulkReport:
    return await begin(kind, fake.client(limiter=RateLimiter(reads=RAISED, writes=RAISED)), rows)


def _row(kind: str, number: int) -> Row:
    """Of upserts a half is new, a quarter changes what is there, and a quarter is there already."""
    new = {"name": f"Company {number}", "domains": [f"c{number}.example"], "description": "as it was"}
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
