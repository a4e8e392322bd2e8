import pytest

from attio_async.testing import Call, Calls, FakeAttio


def test_calls_are_found_by_operation_method_path_and_status(api, fake: FakeAttio) -> None:
    api("GET", "/v2/objects?x=1")
    api.create("companies", name="Acme")
    api.create("companies", nothing="x")
    company = fake.records("companies")[0]["id"]["record_id"]
    api.patch("companies", company, name="Acme Inc")
    assert [call.status for call in fake.calls.where(operation="create_record")] == [200, 400]
    assert len(fake.calls.where(operation="create_record", status=200)) == 1
    assert [call.method for call in fake.calls.where(path="/v2/objects/companies/records*")] == [
        "POST",
        "POST",
        "PATCH",
    ]
    assert fake.calls.where(method="PATCH", path=f"*/{company}")[-1].json == {
        "data": {"values": {"name": "Acme Inc"}}
    }
    assert fake.calls.where(method="GET")[0].params == {"x": "1"}
    assert fake.calls.where(method="DELETE") == []
    with pytest.raises(ValueError, match="did you mean create_record"):
        fake.calls.where(operation="create_records")


def test_calls_are_a_sequence_that_can_be_cleared(api, fake: FakeAttio) -> None:
    api("GET", "/v2/objects")
    assert fake.calls[0] is fake.calls[-1]
    assert fake.calls[0].json is None
    fake.calls.clear()
    assert fake.calls == []


def test_the_json_of_an_invalid_body_is_an_error(fake: FakeAttio) -> None:
    fake.handle("POST", "/v2/objects", {}, b"--boundary")
    with pytest.raises(ValueError, match="POST /v2/objects is not valid JSON"):
        _ = fake.calls[0].json


def test_only_the_last_calls_are_kept() -> None:
    calls = Calls(keep=3)
    for size in range(5):
        calls.record(call(b"x" * size))
    assert [len(each.body) for each in calls] == [2, 3, 4]
    for _ in range(300):  # dropped calls no longer count towards the bytes kept
        calls.record(call(b"x" * 60 * 1024))
    assert [len(each.body) for each in calls] == [60 * 1024] * 3
    few = FakeAttio(keep_calls=0)
    few.handle("GET", "/v2/objects", {}, b"")
    assert few.calls == []
    with pytest.raises(ValueError, match="keep_calls must be at least 0"):
        FakeAttio(keep_calls=-1)


def call(body: bytes) -> Call:
    return Call(0.0, "POST", "/v2/objects", "create_object", 200, body=body)


def test_only_so_many_bytes_of_bodies_are_kept() -> None:
    calls = Calls()
    calls.record(call(b"x" * (64 * 1024 + 1)))
    assert calls[0].body == b""
    for _ in range(300):  # 18 MiB
        calls.record(call(b"x" * 60 * 1024))
    kept = [len(each.body) for each in calls]
    assert sum(kept) <= 16 * 1024 * 1024
    assert kept == sorted(kept)  # the oldest went first
    assert len(calls) == 301
    calls.clear()
    calls.record(call(b"x"))
    assert calls[0].body == b"x"


def test_no_call_contains_the_token(api, fake: FakeAttio) -> None:
    api("GET", "/v2/objects")
    assert fake.token not in repr(fake.calls)
