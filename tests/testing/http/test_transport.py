"""The fake in process, as an HTTP client and several workers see it."""

from collections import Counter

import anyio
import httpx
import pytest

from attio_async.testing import FakeAttio, Limits, VirtualClock

pytestmark = pytest.mark.anyio


def http(fake: FakeAttio) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {fake.token}"}
    return httpx.AsyncClient(transport=fake.transport(), base_url="https://api.example.com", headers=headers)


async def test_the_transport_carries_requests_in_process(fake: FakeAttio) -> None:
    async with http(fake) as client:
        body = {"data": {"values": {"name": "Łódź"}}}
        created = await client.post("/v2/objects/companies/records", json=body)
        assert created.status_code == 200
        assert created.headers["content-type"] == "application/json; charset=utf-8"
        assert created.headers["date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
        listed = await client.get("/v2/objects/companies/attributes", params={"limit": 1})
    assert created.json()["data"]["values"]["name"][0]["value"] == "Łódź"
    assert len(listed.json()["data"]) == 1
    assert created.headers["x-attio-execution-id"] != listed.headers["x-attio-execution-id"]


async def test_half_of_the_latency_passes_before_the_request_is_handled(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, latency=0.5)
    async with http(fake) as client:
        await client.get("/v2/self")
    assert clock.monotonic() == 0.5
    assert fake.calls[0].time == clock.time() - 0.25


async def test_a_request_cancelled_on_the_way_back_has_been_carried_out(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, latency=2)

    async def create() -> None:
        async with http(fake) as client:
            await client.post("/v2/objects/companies/records", json={"data": {"values": {}}})

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(create)
        await clock.sleep(1.5)
        tasks.cancel_scope.cancel()
    assert len(fake.records("companies")) == 1


async def test_thousands_of_requests_meet_the_limit_of_each_second(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, limits=Limits(reads=100, writes=25), latency=0.04)
    headers = {"Authorization": f"Bearer {fake.token}"}

    async def worker() -> None:
        for _ in range(50):
            await fake.exchange("GET", "/v2/objects", headers, b"")
            await clock.sleep(0.01)

    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(worker)
    assert len(fake.calls) == 5_000
    assert clock.monotonic() == pytest.approx(2.5)
    seconds = Counter(int(call.time) for call in fake.calls if call.status == 200)
    assert list(seconds.values()) == [100, 100, 100]
