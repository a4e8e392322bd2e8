"""The fake as a whole: its client, its calls, fixed responses, and keeping its state."""

import pytest

from attio_async.testing import (
    Call,
    FakeAttio,
    FixedResponse,
    VirtualClock,
)


@pytest.mark.anyio
async def test_the_client_is_ready_to_use(fake: FakeAttio) -> None:
    async with fake, fake.client() as attio:
        identity = await attio.identify()
        created = await attio.companies.create({"name": "Acme", "domains": ["acme.com"]})
    assert identity.workspace_name == "Fake Workspace"
    assert created["domains"] == ["acme.com"]
    assert [call.operation for call in fake.calls if call.operation == "create_record"] == ["create_record"]


def test_calls_are_recorded(api, fake: FakeAttio, clock: VirtualClock) -> None:
    api("GET", "/v2/objects?x=1")
    clock.advance(1)
    api("GET", "/v2/nothing")
    start = 1_767_225_600.0
    assert fake.calls == [
        Call(start, "GET", "/v2/objects", "list_objects", 200),
        Call(start + 1, "GET", "/v2/nothing", None, 404),
    ]


def test_fixed_responses_come_first_and_change_nothing(api, fake: FakeAttio, clock: VirtualClock) -> None:
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


def test_the_seed_determines_the_ids() -> None:
    one, same, other = FakeAttio(seed=1), FakeAttio(seed=1), FakeAttio(seed=2)
    ids = [fake.seed.add_record("people", {})["id"] for fake in (one, same, other)]
    assert ids[0] == ids[1]
    assert ids[0]["record_id"] != ids[2]["record_id"]


def test_returned_records_are_copies(fake: FakeAttio) -> None:
    fake.seed.add_record("companies", {"name": "Acme"})["values"]["name"][0]["value"] = "changed"
    fake.records("companies")[0]["values"]["description"].append("changed")
    (record,) = fake.records("companies")
    assert record["values"]["name"][0]["value"] == "Acme"
    assert record["values"]["description"] == []


def test_a_snapshot_can_be_restored_repeatedly(api, fake: FakeAttio) -> None:
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


def test_invalid_documents_are_refused() -> None:
    for document, message in (
        (b"", "not a saved workspace"),
        (b"[]", "not a saved workspace"),
        (b"\xff", "not a saved workspace"),
        (b'{"format": 99}', "format 99"),
        (b'{"format": 1, "workspace": {}}', "damaged"),
    ):
        with pytest.raises(ValueError, match=message):
            FakeAttio.from_json(document)


def test_a_truncated_document_is_refused(fake: FakeAttio) -> None:
    document = fake.to_json()
    with pytest.raises(ValueError, match="saved workspace"):
        FakeAttio.from_json(document[: len(document) // 2])


def test_no_repr_contains_the_token(fake: FakeAttio) -> None:
    fake.seed.add_record("people", {})
    assert repr(fake) == "FakeAttio(records={'people': 1}, calls=0)"
    assert fake.token not in repr(fake._service._tokens) + repr(fake.snapshot())


def test_a_negative_latency_is_refused() -> None:
    with pytest.raises(ValueError, match="latency"):
        FakeAttio(latency=-1)


def test_reads_and_writes_say_for_which_moment_they_are_accurate(api) -> None:
    company = api.create("companies", name="Acme")
    path = f"/v2/objects/companies/records/{company.data['id']['record_id']}"
    for answer, is_dated in (
        (company, True),
        (api("GET", path), True),
        (api.query("companies"), True),
        (api("GET", "/v2/self"), False),
        (api("DELETE", path), False),
        (api("GET", path), False),
    ):
        assert (answer.headers.get("x-accurate-at") == "2026-01-01T00:00:00.000000000Z") is is_dated
