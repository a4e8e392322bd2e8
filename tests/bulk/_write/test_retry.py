"""Failures of the network and the server: no row is lost, and none is written twice."""

from typing import Any

import anyio
import httpx
import pytest
from tests.bulk.support import FlakyTransport, companies, fast, read_companies
from tests.typing.journals import MemoryJournal

from attio_async import JobSuperseded, OutcomeUnknown

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
async def test_the_report_adds_up_with_five_percent_of_faults(seed: int) -> None:
    fake, _ = fast()
    transport = FlakyTransport(fake, 0.05, seed)
    attio = fake.client(transport=transport)
    rows = list(companies(150))
    report = await attio.companies.upsert_many(rows, match="domains")
    assert transport.faults > 5
    assert (report.failed, report.total) == (0, 150)
    assert report.created + report.updated == 150
    assert sorted(r["name"] for r in await read_companies(fake)) == sorted(row["name"] for row in rows)
    created = await attio.companies.create_many(companies(60, 1000))
    assert (created.created, created.failed) == (60, 0)
    keyless = await attio.companies.create_many({"name": f"n{n}"} for n in range(60))
    assert keyless.created + keyless.failed == 60
    assert all(isinstance(failure.error, OutcomeUnknown) for failure in keyless.failures)
    assert len(await read_companies(fake)) <= 270


async def test_an_outage_costs_time_and_not_rows() -> None:
    fake, _ = fast()
    down = {"until": 200.0}

    class Out(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if 1.0 < fake.clock.monotonic() < down["until"]:
                raise httpx.ConnectError("no network", request=request)
            return await fake.transport().handle_async_request(request)

    attio = fake.client(transport=Out())
    report = await attio.companies.upsert_many(companies(60), match="domains")
    assert (report.created, report.failed) == (60, 0)
    assert report.seconds > 100


class TakenOver(MemoryJournal):
    """A journal of a worker that another one supersedes, or whose row it takes over."""

    is_taken = False
    error: JobSuperseded | None = None

    async def begin(self, index: int, at: float) -> bool:
        if self.is_taken and self.error is not None:
            raise self.error
        return not self.is_taken and await super().begin(index, at)


@pytest.mark.parametrize("error", [JobSuperseded("push", epoch=1, current=2), None])
async def test_a_row_that_another_worker_took_over_is_not_retried(error: JobSuperseded | None) -> None:
    fake, _ = fast()
    journal, down = TakenOver(), []
    journal.error = error

    class Out(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method != "PUT" or journal.is_taken:
                return await fake.transport().handle_async_request(request)
            down.append(fake.clock.monotonic())
            raise httpx.ConnectError("no network", request=request)

    attio = fake.client(transport=Out())
    async with anyio.create_task_group() as group:

        async def take_over() -> None:
            while not down:
                await fake.clock.sleep(0.1)
            while fake.clock.monotonic() - down[-1] < 5:  # the client's own retries are over
                await fake.clock.sleep(0.1)
            journal.is_taken = True

        group.start_soon(take_over)
        job = attio.companies.upsert_many(companies(1), match="domains", journal=journal)
        if error is None:
            report = await job
            assert (report.pending, report.failed) == (1, 0)
        else:
            with pytest.raises(JobSuperseded):
                await job
    assert down
    assert await read_companies(fake) == []


@pytest.mark.parametrize("verb", ["upsert", "create", "update"])
async def test_lost_responses_are_read_back_where_nothing_was_read_before(verb: str) -> None:
    fake, attio = fast()
    rows: list[Any] = list(companies(8))
    if verb == "update":
        await attio.companies.upsert_many(rows, match="domains")
        found = await attio.companies.query()
        rows = [{"record_id": record.id, "categories": ["SAAS"]} for record in found]
    lost = {"left": 30}

    class Losing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await fake.transport().handle_async_request(request)
            is_write = request.method in {"PUT", "PATCH"} or request.url.path.endswith("/records")
            if is_write and lost["left"]:
                lost["left"] -= 1
                raise httpx.ReadTimeout("lost", request=request)
            return response

    attio = fake.client(transport=Losing())
    if verb == "upsert":
        report = await attio.companies.upsert_many(rows, match="domains", compare=False)
    elif verb == "create":
        report = await attio.companies.create_many(rows)
    else:
        report = await attio.companies.update_many(rows, compare=False)
    assert (report.failed, report.total) == (0, 8), report.failures
    there = await read_companies(fake)
    assert len(there) == 8
    if verb == "update":
        assert [record["categories"] for record in there] == [["SAAS"]] * 8
