"""The engine: order, rate, memory, and when it stops."""

import weakref
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from tests.bulk.support import companies, fast, strict

from attio_async import (
    Outcome,
    RateLimiter,
    Row,
)
from attio_async.bulk._write.engine import _Backlog
from attio_async.bulk._write.writer import RowWriter
from attio_async.errors import (
    AuthenticationFailed,
    PermissionDenied,
)
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock

pytestmark = pytest.mark.anyio


async def test_rows_are_written_at_the_allowed_rate_and_never_twice() -> None:
    fake, attio = strict()
    report = await attio.companies.upsert_many(companies(100), match="domains")
    assert (report.created, report.updated, report.failed, report.rate_limited) == (100, 0, 0, 0)
    assert 100 < report.requests < 110  # existing records are read for many rows at once
    writes = [call.time for call in fake.calls if call.method == "PUT"]
    late = [time for time in writes if time >= writes[0] + 1]
    assert len(late) / (late[-1] - late[0]) >= 0.9 * 25
    again = await attio.companies.upsert_many(companies(100), match="domains", compare=False)
    assert (again.created, again.updated, again.failed, again.rate_limited) == (0, 100, 0, 0)
    assert again.requests == 100
    found = await attio.companies.query()
    assert {(record["name"], *record["domains"]) for record in found} == {
        (row["name"], row["domains"]) for row in companies(100)
    }
    assert len(found) == 100


async def test_outcomes_come_in_the_order_of_the_rows_with_their_labels() -> None:
    _, attio = strict()
    outcomes: list[Outcome] = []
    rows = [Row(row, label=f"line {number}") for number, row in enumerate(companies(60), 2)]
    await attio.companies.upsert_many(rows, match="Domains", on_outcome=outcomes.append)
    assert [outcome.index for outcome in outcomes] == list(range(60))
    assert [outcome.label for outcome in outcomes] == [f"line {number}" for number in range(2, 62)]
    assert [outcome.record["name"] for outcome in outcomes if outcome.record] == [
        f"Company {n}" for n in range(60)
    ]


async def test_on_error_stop_reads_no_further_row_after_the_first_failure() -> None:
    fake, attio = strict()
    read = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal read
        for row in [{"name": "no key"}, *companies(500)]:
            read += 1
            yield row

    report = await attio.companies.upsert_many(rows(), match="domains", on_error="stop", compare=False)
    assert report.stop_reason
    assert report.failed == 1
    assert read < 150
    assert report.done == report.created + 1 == len(fake.records("companies")) + 1
    assert report.total == report.done + report.pending <= read


async def test_a_refused_token_stops_the_job_and_fails_no_row() -> None:
    for status, error in ((401, AuthenticationFailed), (403, PermissionDenied)):
        fake, attio = strict()
        await attio.companies.upsert_many([], match="domains")  # the schema is known
        body = b'{"type": "auth_error", "code": "unauthorized", "message": "no"}'
        fake.fault(FixedResponse(status, body), times=1000)
        report = await attio.companies.upsert_many(companies(1000), match="domains")
        assert isinstance(report.stop_reason, error)
        assert (report.failed, report.done) == (0, 0)
        assert report.pending > 0


async def test_transient_failures_cost_retries_and_not_rows() -> None:
    fake, attio = strict()
    await attio.companies.upsert_many([], match="domains")
    fake.fault(FixedResponse(503, b"<html>"), times=3)
    fake.fault(FixedResponse(429, b"{}", headers={"Retry-After": "1"}), times=2)
    report = await attio.companies.upsert_many(companies(50), match="domains", compare=False)
    assert (report.created + report.updated, report.failed) == (50, 0)
    assert (report.requests, report.rate_limited) == (55, 2)
    assert len(fake.records("companies")) == 50


async def test_memory_does_not_grow_with_the_rows() -> None:
    _, attio = strict()
    alive: weakref.WeakSet[object] = weakref.WeakSet()
    most = 0

    class Tracked(dict[str, object]):
        """A row that can be watched."""

        __hash__ = object.__hash__

    def rows() -> Iterator[Tracked]:
        nonlocal most
        for row in companies(100):
            tracked = Tracked(row)
            alive.add(tracked)
            most = max(most, len(alive))
            yield tracked

    job = attio.companies.upsert_many(rows(), match="domains", workers=4, on_outcome=alive.add, compare=False)
    await job
    assert most <= 20  # a row is kept as bytes from the moment it is read


async def test_reading_stays_close_to_the_slowest_row() -> None:
    fake, _ = fast()
    clock, read, most, busy = fake.clock, 0, 0, 0

    def rows() -> Any:
        nonlocal read
        for row in companies(120):
            read += 1
            yield row

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal most, busy
            if request.method == "PUT":
                busy += 1
                most = max(most, busy)
                first = b"c0.example.com" in request.content
                await clock.sleep(20.0 if first else 0.01)
                if first:
                    assert read < 60  # the rows that wait for the first one are bounded
                busy -= 1
            return await fake.transport().handle_async_request(request)

    attio = fake.client(transport=Slow())
    outcomes: list[Outcome] = []
    await attio.companies.upsert_many(
        rows(), match="domains", compare=False, workers=5, on_outcome=outcomes.append
    )
    assert most == 5
    assert [outcome.index for outcome in outcomes] == list(range(120))


async def test_one_query_reads_for_all_rows_that_are_ready() -> None:
    fake = FakeAttio(clock=VirtualClock())
    for row in companies(500):
        fake.seed.add_record("companies", {**row, "domains": [row["domains"]]})
    attio = fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))
    report = await attio.companies.upsert_many(companies(500), match="domains")
    assert report.unchanged == 500
    assert sum(call.operation == "query_records" for call in fake.calls) <= 8


async def test_a_few_changes_among_many_rows_cost_few_requests() -> None:
    fake, attio = fast()
    await attio.companies.upsert_many(companies(200), match="domains", compare=False)
    before = len(fake.calls)
    rows = [row if n % 50 else {**row, "description": "changed"} for n, row in enumerate(companies(200))]
    report = await attio.companies.upsert_many(rows, match="domains")
    assert (report.updated, report.unchanged) == (4, 196)
    calls = [call.operation for call in fake.calls[before:]]
    assert calls.count("assert_record") == 4
    assert calls.count("query_records") <= 6


@pytest.fixture
def in_flight(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The index of each row as its write begins, with the number of rows in flight then."""
    begun: list[tuple[int, int]] = []
    running = 0
    write = RowWriter.write

    async def counted(self: RowWriter, row: Any, *more: Any) -> Any:
        nonlocal running
        running += 1
        begun.append((row.claim.index, running))
        try:
            return await write(self, row, *more)
        finally:
            running -= 1

    monkeypatch.setattr(RowWriter, "write", counted)
    return begun


async def test_more_rows_are_in_flight_where_the_rate_needs_them(in_flight: list[tuple[int, int]]) -> None:
    _, attio = fast()
    await attio.companies.upsert_many(companies(200), match="domains", compare=False)
    assert max(running for _, running in in_flight) > 20


async def test_fewer_rows_are_in_flight_where_the_rate_needs_fewer(
    in_flight: list[tuple[int, int]],
) -> None:
    _, attio = strict()
    await attio.companies.upsert_many(companies(100), match="domains", compare=False)
    assert max(running for _, running in in_flight[:40]) == 8
    assert max(running for _, running in in_flight[60:]) <= 6


async def test_rows_are_written_in_their_order_however_long_it_takes_to_read_for_them(
    in_flight: list[tuple[int, int]],
) -> None:
    class Slow(FakeAttio):
        """Answers the first query last."""

        queries = 0

        async def exchange(self, method: str, target: str, headers: Any, body: bytes) -> Any:
            if target.endswith("/query"):
                self.queries += 1
                await self.clock.sleep(5 if self.queries == 1 else 0.01)
            return await super().exchange(method, target, headers, body)

    fake = Slow(clock=VirtualClock())
    attio = fake.client(limiter=RateLimiter(reads=5_000, writes=5_000))
    await attio.companies.upsert_many(companies(300), match="domains")
    assert fake.queries > 1
    assert [index for index, _ in in_flight] == list(range(300))


async def test_a_chunk_is_added_once_the_one_before_was_taken() -> None:
    backlog, added = _Backlog(), list[object]()
    chunks: list[list[Any]] = [["a", "b"], [], ["c"]]

    async def add() -> None:
        for chunk in chunks:
            await backlog.put(chunk)
            added.append(chunk)
        backlog.close()

    async with anyio.create_task_group() as group:
        group.start_soon(add)
        for row, there in [("a", chunks[:1]), ("b", chunks[:1]), ("c", chunks), (None, chunks)]:
            await anyio.wait_all_tasks_blocked()
            assert added == there
            assert await backlog.take() == row
