"""Rows are looked at together, however fast the answers come."""

import pytest
from tests.bulk.jobs import companies

from attio_async import RateLimiter
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


async def test_a_query_is_about_as_many_rows_as_are_ready() -> None:
    fake = FakeAttio(clock=VirtualClock())
    for row in companies(500):
        fake.seed.add_record("companies", {**row, "domains": [row["domains"]]})
    attio = fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))
    report = await attio.companies.upsert_many(companies(500), match="domains")
    assert report.unchanged == 500
    assert sum(call.operation_id == "query_records" for call in fake.calls) <= 8
