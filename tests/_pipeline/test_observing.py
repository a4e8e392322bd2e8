"""The log, the operation that middleware gets, responses beside results, and meters."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from attio_async import Attio, CoercionError, NotFound, RateLimiter, Request, Response, Send
from attio_async.testing import ConnectionReset, FakeAttio, TooManyRequests, VirtualClock

pytestmark = pytest.mark.anyio

TEMPLATE = r"/v2/objects/\{object\}/records/\{record_id\}"


@pytest.fixture
def fake() -> FakeAttio:
    return FakeAttio(clock=VirtualClock())


@pytest.fixture
async def attio(fake: FakeAttio) -> AsyncIterator[Attio]:
    async with fake.client() as attio:
        yield attio


def lines_of(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    found = [each for each in caplog.records if each.name == "attio_async" and each.levelno == level]
    return [each.getMessage() for each in found]


async def test_the_log_has_each_request_and_no_value(attio: Attio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "attio_async")
    ada = await attio.people.create({"email_addresses": ["ada@example.com"], "name": "Ada Lovelace"})
    await attio.people.get(ada.id)
    with pytest.raises(NotFound):
        await attio.request("GET", f"/v2/things/{ada.id}/parts", params={"name": "Ada"})
    lines = lines_of(caplog, logging.DEBUG)
    assert re.fullmatch(rf"GET {TEMPLATE} 200 \d+ ms, attempt 1, waited \d+ ms", lines[-2])
    assert lines[-1].startswith("GET /v2/things/{id}/parts 404 ")
    assert not [line for line in lines if re.search(rf"ada|lovelace|bearer|{ada.id}", line, re.IGNORECASE)]


async def test_retries_and_waits_are_logged_as_information(
    fake: FakeAttio, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "attio_async")
    async with fake.client(limiter=RateLimiter(reads=1)) as attio:
        fake.fault(TooManyRequests(), operation="get_self", nth=1)
        fake.fault(ConnectionReset(when="after"), operation="get_self", nth=3)
        for _ in range(3):
            await attio.identify()
    lines = lines_of(caplog, logging.INFO)
    retries = [line for line in lines if "retrying" in line]
    assert re.fullmatch(r"retrying GET /v2/self in [\d.]+ s after attempt 1: 429", retries[0])
    assert retries[1].endswith("after attempt 1: ConnectionFailed")
    assert any(
        re.fullmatch(r"GET /v2/self waited [\d.]+ s for its permits and a connection", line) for line in lines
    )
    assert lines_of(caplog, logging.DEBUG) == []


async def test_middleware_gets_the_operation_the_attempt_and_the_wait(fake: FakeAttio) -> None:
    seen: list[Request] = []

    async def look(request: Request, send: Send) -> Response:
        seen.append(request)
        return await send(request)

    fake.fault(TooManyRequests(), operation="get_record", nth=1)
    record_id = fake.seed.add_record("people", {"name": "Lovelace, Ada"})["id"]["record_id"]
    async with fake.client(middleware=[look]) as attio:
        await attio.people.get(record_id)
        await attio.request("GET", "/v2/objects/people")
    told = [(each.operation.id, each.operation.path, each.attempt) for each in seen if each.operation]
    get = ("get_record", "/v2/objects/{object}/records/{record_id}")
    assert [each for each in told if each[0] == "get_record"] == [(*get, 1), (*get, 2)]
    assert told[-1] == ("get_object", "/v2/objects/{object}", 1)
    assert [each.waited > 0 for each in seen if each.path.endswith(record_id)] == [False, True]
    assert {each.base_url for each in seen} == {attio.settings.base_url}


async def test_a_result_comes_with_its_response(fake: FakeAttio, attio: Attio) -> None:
    fake.fault(TooManyRequests(), operation="create_record", nth=1)
    answer = await attio.with_response(attio.people.create({"name": "Ada Lovelace"}))
    assert answer.result["name"].full_name == "Ada Lovelace"
    assert (answer.status, answer.attempts) == (200, 2)
    assert answer.headers["x-attio-execution-id"] == answer.execution_id
    assert answer.seconds > 0
    assert [each.operation for each in answer.responses] == ["list_attributes", "create_record"]
    pages = await attio.with_response(attio.people.query(page_size=1))
    assert [each.operation for each in pages.responses] == ["query_records"] * 2
    nothing = await attio.with_response(attio.people.get_many([]))
    assert (nothing.status, nothing.execution_id, nothing.attempts, nothing.responses) == (None, None, 0, ())


async def test_a_meter_counts_requests_waits_and_bytes(fake: FakeAttio, attio: Attio) -> None:
    ada = await attio.people.create({"name": "Ada Lovelace"})
    fake.fault(TooManyRequests(), operation="get_record", nth=1)
    fake.fault(ConnectionReset(when="after"), operation="get_record", nth=2)
    async with attio.meter() as meter:
        await attio.people.get(ada)
        await attio.with_options(timeout=10).people.get(ada)
    await attio.people.get(ada)
    assert (meter.requests, meter.retries, meter.rate_limited, meter.failures) == (4, 2, 1, 1)
    assert meter.waits == 2
    assert meter.waited > 0
    assert meter.bytes_sent == 0
    assert meter.bytes_received > 100
    async with attio.meter() as outer, attio.meter() as inner:
        await attio.people.update(ada, {"name": "Ada King"})
    assert outer == inner
    assert inner.bytes_sent > len("Ada King")


async def test_a_meter_counts_the_tasks_of_its_block_alone(fake: FakeAttio, attio: Attio) -> None:
    async def work() -> None:
        await attio.identify()

    async with anyio.create_task_group() as outside, fake.client() as other:
        async with attio.meter() as meter, anyio.create_task_group() as group:
            group.start_soon(work)
            group.start_soon(work)
            await other.identify()
        outside.start_soon(work)
    assert meter.requests == 2


async def test_a_meter_counts_the_bytes_of_files(fake: FakeAttio, attio: Attio, tmp_path: Path) -> None:
    acme = await attio.companies.create({"name": "Acme"})

    async def stream() -> AsyncIterator[bytes]:
        yield b"x" * 10_000

    async with attio.meter() as meter:
        file = await attio.files.upload(acme, stream, name="x.txt")
    assert meter.bytes_sent > 10_000
    async with attio.meter() as meter:
        await attio.files.download(file, tmp_path / "x.txt")
    assert meter.bytes_received == 10_000


@pytest.mark.parametrize("value", ["\ud800", 10**5000, object()], ids=["text", "int", "object"])
async def test_a_body_that_cannot_be_written_is_refused_in_the_block_of_a_meter(
    fake: FakeAttio, value: object
) -> None:
    async with fake.client(max_connections=1) as attio, attio.meter() as meter:
        with pytest.raises(CoercionError, match="json"):
            await attio.request("POST", "/v2/tasks", json={"data": value})
        with anyio.fail_after(5):
            await attio.identify()
    assert meter.bytes_sent == 0
    assert [call.operation for call in fake.calls] == ["get_self"]
