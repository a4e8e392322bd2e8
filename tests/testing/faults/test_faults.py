"""The requests that a fault meets, and the effect of each fault on an HTTP client."""

import httpx
import pytest
from hypothesis import given, strategies as st

from attio_async.testing import (
    ConnectionRefused,
    ConnectionReset,
    FakeAttio,
    FakeResponse,
    FaultedRequest,
    FixedResponse,
    Garbled,
    LoweredLimits,
    NoAnswer,
    ProxyFailure,
    QueryScoreExceeded,
    ServerFailure,
    SlowBody,
    SlowFirstByte,
    TooManyRequests,
    Transit,
    Truncated,
    UnreliableDeliveries,
    VirtualClock,
    WrongContentType,
)
from attio_async.testing._fault_injector import Faults

CREATE = "/v2/objects/companies/records"
BODY = {"data": {"values": {"name": "Acme"}}}
BUSY = FixedResponse(503, {})


def http(fake: FakeAttio, **options) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {fake.token}"}
    return httpx.AsyncClient(
        transport=fake.transport(), base_url="https://api.example.com", headers=headers, **options
    )


# Matching


def test_a_fault_is_met_once_by_default(api, fake: FakeAttio) -> None:
    active = fake.fault(BUSY)
    assert [api("GET", "/v2/objects").status for _ in range(3)] == [503, 200, 200]
    assert (active.seen, active.hits, len(fake.faults)) == (1, 1, 0)


def test_a_selector_chooses_the_requests(api, fake: FakeAttio) -> None:
    fake.fault(BUSY, operation="create_record")
    fake.fault(FixedResponse(502, {}), method="PATCH")
    fake.fault(FixedResponse(504, {}), path="/v2/objects/*/attributes")
    assert api("GET", "/v2/objects").status == 200
    assert api("GET", "/v2/objects/people/attributes").status == 504
    assert api("PATCH", "/v2/objects/people").status == 502
    assert api.create("companies").status == 503
    assert api("GET", "/v2/nowhere").status == 404


def test_nth_and_times_count_matching_requests(api, fake: FakeAttio) -> None:
    active = fake.fault(BUSY, path="/v2/objects", nth=2, times=2)
    statuses = []
    for _ in range(5):
        statuses.append(api("GET", "/v2/objects").status)
        assert api("GET", "/v2/lists").status == 200
    assert statuses == [200, 503, 503, 200, 200]
    assert (active.seen, active.hits) == (3, 2)


def test_the_first_matching_fault_decides(api, fake: FakeAttio) -> None:
    fake.fault(BUSY)
    fake.fault(FixedResponse(502, {}), times=2)
    assert [api("GET", "/v2/objects").status for _ in range(4)] == [503, 502, 502, 200]


def test_a_fault_can_last_for_seconds(api, fake: FakeAttio, clock: VirtualClock) -> None:
    fake.fault(BUSY, seconds=5)
    assert {api("GET", "/v2/objects").status for _ in range(9)} == {503}
    clock.advance(5)
    assert api("GET", "/v2/objects").status == 200
    assert len(fake.faults) == 0


def test_a_fault_ends_with_its_block(api, fake: FakeAttio) -> None:
    with fake.fault(BUSY, times=9) as active:
        assert api("GET", "/v2/objects").status == 503
    assert api("GET", "/v2/objects").status == 200
    active.remove()
    assert active.hits == 1


def test_the_seed_determines_the_probable_requests(api, clock: VirtualClock) -> None:
    def statuses(seed: int) -> list[int]:
        fake = FakeAttio(clock=clock, seed=seed)
        fake.fault(BUSY, probability=0.25)
        return [type(api)(fake)("GET", "/v2/objects").status for _ in range(400)]

    assert statuses(1) == statuses(1) != statuses(2)
    assert 60 < statuses(1).count(503) < 140


@given(st.integers(0, 2**31))
def test_chances_are_from_0_up_to_1(seed: int) -> None:
    faults = Faults(seed, VirtualClock())
    drawn = [faults.chance() for _ in range(20)]
    assert all(0 <= chance < 1 for chance in drawn)
    assert len(set(drawn)) == 20


def test_invalid_selectors_are_refused(fake: FakeAttio) -> None:
    for fault, selector, message in (
        (BUSY, {"operation": "create_recrod"}, "did you mean create_record"),
        (BUSY, {"operation": "zzz"}, "attio_async_api.operations"),
        (BUSY, {"method": "get"}, "capital"),
        (BUSY, {"nth": 0}, "nth"),
        (BUSY, {"times": 0}, "times"),
        (BUSY, {"probability": 0}, "probability"),
        (BUSY, {"probability": 1.5}, "probability"),
        (BUSY, {"seconds": 0}, "seconds"),
        (LoweredLimits(reads=1), {"times": 1}, "no single requests"),
        (UnreliableDeliveries(), {"operation": "get_self"}, "no single requests"),
    ):
        with pytest.raises(ValueError, match=message):
            fake.fault(fault, **selector)
    with pytest.raises(TypeError, match="not a fault"):
        fake.fault(503)
    assert len(fake.faults) == 0


def test_invalid_faults_are_refused() -> None:
    for make in (
        lambda: TooManyRequests("tomorrow"),
        lambda: ServerFailure(404),
        lambda: ServerFailure(when="during"),
        lambda: Truncated(kept=2),
        lambda: SlowFirstByte(float("inf")),
        lambda: SlowBody(1, pieces=0),
        lambda: LoweredLimits(reads=0),
        lambda: LoweredLimits(endpoints={"get_self": 0}),
        lambda: UnreliableDeliveries(duplicate=-0.1),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()


def test_limits_of_unknown_operations_are_refused() -> None:
    with pytest.raises(ValueError, match="did you mean run_sql"):
        LoweredLimits(endpoints={"sql": 1})


def test_the_last_fault_of_deliveries_applies(fake: FakeAttio, clock: VirtualClock) -> None:
    assert fake.faults.deliveries == UnreliableDeliveries()
    fake.fault(UnreliableDeliveries(duplicate=0.2))
    fake.fault(UnreliableDeliveries(reorder=0.1), seconds=1)
    assert fake.faults.deliveries == UnreliableDeliveries(reorder=0.1)
    clock.advance(1)
    assert fake.faults.deliveries == UnreliableDeliveries(duplicate=0.2)


def test_a_custom_fault_needs_only_an_answer(api, fake: FakeAttio) -> None:
    class Teapot:
        def answer(self, asked: FaultedRequest) -> FakeResponse:
            true = asked.perform()
            return FakeResponse(418, {"x-true": str(true.status)}, b"{}")

    fake.fault(Teapot(), operation="create_record")
    answer = api.create("companies", name="x")
    assert (answer.status, answer.headers["x-true"]) == (418, "200")
    assert answer.headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert len(fake.records("companies")) == 1


def test_calls_name_the_fault_they_met(api, fake: FakeAttio) -> None:
    reset, lost = ConnectionReset(when="after"), NoAnswer(when="before")
    fake.fault(reset, operation="create_record")
    fake.fault(lost, operation="create_record")
    for _ in range(3):
        fake.handle("POST", CREATE, {"authorization": f"Bearer {fake.token}"}, b'{"data": {"values": {}}}')
    assert [(call.status, call.fault) for call in fake.calls] == [(200, reset), (0, lost), (200, None)]


# Refusals and failures


@pytest.mark.parametrize("fault", [TooManyRequests, QueryScoreExceeded])
def test_refusals_have_every_form_of_retry_after(api, fake: FakeAttio, fault) -> None:
    for form, header in (
        ("date", "Thu, 01 Jan 2026 00:00:02 GMT"),
        ("seconds", "2"),
        ("none", None),
        ("past", "Wed, 31 Dec 2025 23:59:58 GMT"),
        ("far", "Fri, 02 Jan 2026 00:00:00 GMT"),
        ("garbage", "soon"),
    ):
        fake.fault(fault(form, seconds=2))
        refused = api.create("companies", name="x")
        assert refused.refusal == (429, "rate_limit_exceeded"), form
        assert refused.headers.get("Retry-After") == header, form
        assert ("score" in refused.json["message"]) == (fault is QueryScoreExceeded)
    assert fake.records("companies") == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_failure_comes_before_or_after_the_write(fake: FakeAttio, when) -> None:
    fake.fault(ServerFailure(503, when=when, retry_after=3), nth=1)
    fake.fault(ProxyFailure(524, when=when))
    headers, body = {"authorization": f"Bearer {fake.token}"}, b'{"data": {"values": {"name": "x"}}}'
    api, proxy = (fake.handle("POST", CREATE, headers, body) for _ in range(2))
    assert (api.status, api.headers["Retry-After"]) == (503, "Thu, 01 Jan 2026 00:00:03 GMT")
    assert b'"status_code":503' in api.body
    assert (proxy.status, proxy.body[:15]) == (524, b"<!DOCTYPE html>")
    assert len(fake.records("companies")) == (2 if when == "after" else 0)


# Broken connections in process


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("fault", "error", "created"),
    [
        (ConnectionRefused(), httpx.ConnectError, 0),
        (ConnectionReset(when="before"), httpx.ReadError, 0),
        (ConnectionReset(when="after"), httpx.ReadError, 1),
        (NoAnswer(when="before"), httpx.ReadTimeout, 0),
        (NoAnswer(when="after"), httpx.ReadTimeout, 1),
        (SlowFirstByte(8), httpx.ReadTimeout, 1),
        (SlowBody(60, pieces=2), httpx.ReadTimeout, 1),
        (Truncated(), httpx.RemoteProtocolError, 1),
    ],
)
async def test_a_lost_response_raises_the_error_of_httpx(fake: FakeAttio, fault, error, created) -> None:
    fake.fault(fault)
    async with http(fake, timeout=7) as client:
        with pytest.raises(error) as caught:
            await client.post(CREATE, json=BODY)
        assert caught.value.request.method == "POST"
        assert len(fake.records("companies")) == created
        assert (await client.post(CREATE, json=BODY)).status_code == 200


@pytest.mark.anyio
async def test_a_client_without_a_timeout_waits_for_slow_responses(
    fake: FakeAttio, clock: VirtualClock
) -> None:
    async with http(fake, timeout=None) as client:
        expected = (await client.get("/v2/objects")).content
        fake.fault(SlowFirstByte(3_600))
        assert (await client.get("/v2/objects")).content == expected
        assert clock.monotonic() == 3_600
        fake.fault(SlowBody(80, pieces=4))
        async with client.stream("GET", "/v2/objects") as answer:
            assert int(answer.headers["content-length"]) == len(expected)
            at = [(clock.monotonic() - 3_600, len(piece)) async for piece in answer.aiter_raw()]
        assert [moment for moment, _ in at] == [20, 40, 60, 80]
        assert sum(length for _, length in at) == len(expected)


@pytest.mark.anyio
async def test_a_response_can_be_garbled_or_mislabelled(fake: FakeAttio) -> None:
    async with http(fake) as client:
        fake.fault(Garbled())
        answer = await client.get("/v2/objects")
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "application/json; charset=utf-8",
        )
        with pytest.raises(ValueError, match=r"."):
            answer.json()
        fake.fault(WrongContentType("text/plain"))
        answer = await client.get("/v2/objects")
        assert answer.headers.get_list("content-type") == ["text/plain"]
        assert "data" in answer.json()


@given(st.binary(max_size=200), st.integers(1, 10), st.floats(0, 1))
def test_the_pieces_join_to_the_body_or_its_beginning(body: bytes, pieces: int, kept: float) -> None:
    assert b"".join(Transit(pieces=pieces).chunks(body)) == body
    assert len(Transit(pieces=pieces).chunks(body)) <= pieces
    cut = b"".join(Transit(pieces=pieces, end="cut", kept=kept).chunks(body))
    assert body.startswith(cut)
    assert len(cut) == int(len(body) * kept)
