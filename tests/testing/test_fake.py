"""The ways into the fake, scripted answers, calls, and keeping its state."""

import json
from collections import Counter

import anyio
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attio_async.testing import (
    Call,
    FakeAttio,
    FixedResponse,
    Limits,
    VirtualClock,
)

BASE = "https://api.attio.test"


def http(fake: FakeAttio) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {fake.token}"}
    return httpx.AsyncClient(transport=fake.transport(), base_url=BASE, headers=headers)


@pytest.mark.anyio
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


@pytest.mark.anyio
async def test_latency_is_spent_on_the_clock_half_before_the_answer(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, latency=0.5)
    async with http(fake) as client:
        await client.get("/v2/self")
    assert clock.monotonic() == 0.5
    assert fake.calls[0].time == clock.time() - 0.25


@pytest.mark.anyio
async def test_a_request_cancelled_on_its_way_back_has_happened(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, latency=2)

    async def create() -> None:
        async with http(fake) as client:
            await client.post("/v2/objects/companies/records", json={"data": {"values": {}}})

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(create)
        await clock.sleep(1.5)
        tasks.cancel_scope.cancel()
    assert len(fake.records("companies")) == 1


@pytest.mark.anyio
async def test_thousands_of_virtual_requests_meet_the_limit_of_every_second(clock: VirtualClock) -> None:
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


@pytest.mark.anyio
async def test_the_client_is_ready_to_use(fake: FakeAttio) -> None:
    async with fake, fake.client() as attio:
        identity = await attio.identify()
        created = await attio.companies.create({"name": "Acme", "domains": ["acme.com"]})
    assert identity.workspace_name == "Fake Workspace"
    assert created["domains"] == ["acme.com"]
    assert [call.operation_id for call in fake.calls if call.operation_id == "create_record"] == [
        "create_record"
    ]


def test_calls_are_kept(api, fake: FakeAttio, clock: VirtualClock) -> None:
    api("GET", "/v2/objects?x=1")
    clock.advance(1)
    api("GET", "/v2/nothing")
    start = 1_767_225_600.0
    assert fake.calls == [
        Call(start, "GET", "/v2/objects", "list_objects", 200),
        Call(start + 1, "GET", "/v2/nothing", None, 404),
    ]


def test_scripted_answers_come_first_and_change_nothing(api, fake: FakeAttio, clock: VirtualClock) -> None:
    fake.fault(FixedResponse(502, b"<html>", {"content-type": "text/html"}), times=2)
    fake.fault(FixedResponse(429, {"code": "rate_limit_exceeded"}, {"Retry-After": "1"}))
    for _ in range(2):
        answer = fake.handle("POST", "/v2/objects/companies/records", {}, b"{}")
        assert (answer.status, answer.body, answer.headers["content-type"]) == (502, b"<html>", "text/html")
    assert "Content-Type" not in answer.headers
    clock.advance(5)
    refused = api.create("companies", name="x")
    assert (refused.status, refused.json, refused.headers["Retry-After"]) == (
        429,
        {"code": "rate_limit_exceeded"},
        "1",
    )
    assert refused.headers["Date"] == "Thu, 01 Jan 2026 00:00:05 GMT"
    assert api.create("companies", name="x").status == 200
    assert [call.status for call in fake.calls] == [502, 502, 429, 200]
    assert len(fake.records("companies")) == 1


def test_ids_follow_from_the_seed() -> None:
    one, same, other = FakeAttio(seed=1), FakeAttio(seed=1), FakeAttio(seed=2)
    ids = [fake.seed.add_record("people", {})["id"] for fake in (one, same, other)]
    assert ids[0] == ids[1]
    assert ids[0]["record_id"] != ids[2]["record_id"]


def test_what_the_helpers_return_is_a_copy(fake: FakeAttio) -> None:
    fake.seed.add_record("companies", {"name": "Acme"})["values"]["name"][0]["value"] = "changed"
    fake.records("companies")[0]["values"]["description"].append("changed")
    (record,) = fake.records("companies")
    assert record["values"]["name"][0]["value"] == "Acme"
    assert record["values"]["description"] == []


def test_a_snapshot_can_be_restored_again_and_again(api, fake: FakeAttio) -> None:
    api.create("companies", domains=["a.com"])
    snapshot = fake.snapshot()
    before = fake.records("companies")
    for _ in range(2):
        api.assert_("companies", "domains", domains=["a.com"], name="changed")
        api.create("companies", domains=["b.com"])
        fake.restore(snapshot)
        assert fake.records("companies") == before
        assert api.create("companies", domains=["a.com"]).refusal == (400, "uniqueness_conflict")


def test_the_state_survives_as_json_without_the_token(api, fake: FakeAttio) -> None:
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "size", "number", unique=True)
    api.create("people", email_addresses=["ada@acme.com"], name="Lovelace, Ada")
    api.create("things", size=5)
    document = fake.to_json()
    assert fake.token.encode() not in document
    copy = FakeAttio.from_json(document, token="another", clock=fake.clock)
    for slug in ("people", "companies", "things"):
        assert copy.records(slug) == fake.records(slug)
    assert copy.to_json() == document
    again = type(api)(copy)
    assert again.create("things", size=5).refusal == (400, "uniqueness_conflict")
    assert again.create("things", size=6).data["id"] == api.create("things", size=6).data["id"]
    company = copy.records("companies")[0]["id"]["record_id"]
    again("DELETE", f"/v2/objects/companies/records/{company}")
    assert copy.records("people")[0]["values"]["company"] == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "not a saved workspace"),
        (b"[]", "not a saved workspace"),
        (b"\xff", "not a saved workspace"),
        (b'{"format": 99}', "format 99"),
        (b'{"format": 1, "workspace": {}}', "damaged"),
    ],
)
def test_what_is_no_saved_state_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FakeAttio.from_json(document)


def test_a_saved_state_cut_short_is_refused(fake: FakeAttio) -> None:
    document = fake.to_json()
    with pytest.raises(ValueError, match="saved workspace"):
        FakeAttio.from_json(document[: len(document) // 2])


def test_the_token_is_in_no_repr(fake: FakeAttio) -> None:
    fake.seed.add_record("people", {})
    assert repr(fake) == "FakeAttio(records={'people': 1}, calls=0)"
    assert fake.token not in repr(fake._service._tokens) + repr(fake.snapshot())


def test_a_negative_latency_is_refused() -> None:
    with pytest.raises(ValueError, match="latency"):
        FakeAttio(latency=-1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SLUGS = st.sampled_from(
    [
        "name",
        "domains",
        "team",
        "categories",
        "primary_location",
        "funding_raised_usd",
        "foundation_date",
        "twitter",
        "created_at",
    ]
)


@settings(max_examples=200)
@given(
    values=st.dictionaries(SLUGS, JSON, max_size=3),
    condition=st.dictionaries(SLUGS | st.just("$or"), JSON, max_size=2),
)
def test_no_body_whatever_breaks_the_fake(values: dict, condition: dict) -> None:
    fake = FakeAttio(clock=VirtualClock())
    headers = {"Authorization": f"Bearer {fake.token}"}
    for method, path, body in (
        ("POST", "/v2/objects/companies/records", {"data": {"values": values}}),
        ("PUT", "/v2/objects/companies/records?matching_attribute=domains", {"data": {"values": values}}),
        ("POST", "/v2/objects/companies/records/query", {"filter": condition}),
    ):
        answer = fake.handle(method, path, headers, json.dumps(body).encode("utf-8", "surrogatepass"))
        decoded = json.loads(answer.body)
        assert answer.status in {200, 400, 501}
        assert ("data" in decoded) == (answer.status == 200)
    assert FakeAttio.from_json(fake.to_json()).records("companies") == fake.records("companies")
