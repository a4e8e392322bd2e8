import itertools

import anyio
import pytest
from hypothesis import given, strategies as st

from attio_async.testing import (
    FakeAttio,
    Limits,
    LoweredLimits,
    VirtualClock,
)
from attio_async.testing._limits import WINDOWS, Meter

EPOCH = "Thu, 01 Jan 2026 00:00:{:02} GMT"


def passes(meter: Meter, now: float, limit: int) -> float | None:
    free_at = meter.free_at(now, limit)
    if free_at is None:
        meter.count(now)
    return free_at


WINDOW_CASES = [
    ("fixed", (10.0, 10.9, 10.95, 11.0, 11.5, 11.6), (None, None, 11, None, None, 12)),
    ("sliding", (10.5, 10.9, 11.4, 11.5, 11.6, 11.9), (None, None, 12, None, 12, None)),
    # Half of the two before still count at 11.5, so one more passes.
    ("counter", (10.1, 10.2, 10.3, 11.0, 11.5, 11.5), (None, None, 12, 12, None, 12)),
    ("bucket", (10.0, 10.0, 10.1, 10.49, 10.5, 10.6), (None, None, 11, 11, None, 11)),
]


def test_each_window_counts_in_its_own_way() -> None:
    for window, times, expected in WINDOW_CASES:
        meter = WINDOWS[window]()
        assert tuple(passes(meter, now, 2) for now in times) == expected, window


TIMES = st.lists(st.integers(0, 5 * 1024).map(lambda tick: tick / 1024), max_size=300).map(sorted)


@given(TIMES, st.integers(1, 5), st.sampled_from(sorted(WINDOWS)))
def test_no_window_exceeds_its_limit(times: list[float], limit: int, window: str) -> None:
    meter = WINDOWS[window]()
    passed = [now for now in times if passes(meter, now, limit) is None]
    for now in passed:
        if window == "fixed":
            assert sum(1 for other in passed if int(other) == int(now)) <= limit
        elif window == "sliding":
            assert sum(1 for other in passed if now - 1 < other <= now) <= limit
        else:  # a counter or a bucket lets through at most twice the limit within a second
            assert sum(1 for other in passed if now - 1 < other <= now) <= 2 * limit


@given(TIMES, st.integers(1, 5), st.sampled_from(sorted(WINDOWS)))
def test_free_at_is_the_first_whole_second_with_room(times: list[float], limit: int, window: str) -> None:
    meter = WINDOWS[window]()
    for now in times:
        free_at = passes(meter, now, limit)
        if free_at is not None:
            assert free_at > now
            for second in range(int(now) + 1, int(free_at)):
                assert meter.free_at(second, limit) is not None
            assert meter.free_at(free_at, limit) is None
            return


@given(TIMES, st.sampled_from(sorted(WINDOWS)))
def test_a_window_recovers_completely(times: list[float], window: str) -> None:
    meter = WINDOWS[window]()
    second = 0.0
    for now in itertools.chain(times, [10.0]):
        second = now
        if meter.free_at(now, 3) is None:
            meter.count(now)
    assert [passes(meter, second + 2 + tick / 100, 3) for tick in range(3)] == [None] * 3


def test_invalid_limits_are_refused() -> None:
    for options in (
        {"reads": 0},
        {"writes": -1},
        {"window": "open"},
        {"endpoints": {"merge_record": 5}},
        {"endpoints": {"merge_records": 0}},
    ):
        with pytest.raises(ValueError, match=r"."):
            Limits(**options)


def test_the_defaults_are_the_limits_of_the_api() -> None:
    limits = Limits()
    assert (limits.reads, limits.writes, limits.scores) == (100, 25, None)
    assert limits.endpoints == {
        "merge_records": 5,
        "run_sql": 2,
        "list_notes": 10,
        "create_call_recording": 1,
        "upload_file": 1,
    }


def test_reads_and_writes_are_limited_separately_and_queries_are_reads(api, clock: VirtualClock) -> None:
    limited = FakeAttio(clock=clock, limits=Limits(reads=2, writes=1))
    call = type(api)(limited)
    clock.advance(0.25)
    assert [call.query("people").status for _ in range(3)] == [200, 200, 429]
    assert [call.create("people").status for _ in range(2)] == [200, 429]
    refused = call.create("people")
    assert refused.json["type"] == "rate_limit_error"
    assert refused.json["code"] == "rate_limit_exceeded"
    assert refused.headers["Retry-After"] == EPOCH.format(1)
    assert refused.headers["Date"] == EPOCH.format(0)
    assert len(limited.records("people")) == 1
    clock.advance(0.75)
    assert call.create("people").status == 200


def test_unauthorized_requests_do_not_count(api, clock: VirtualClock) -> None:
    limited = FakeAttio(clock=clock, limits=Limits(reads=1))
    for _ in range(3):
        assert limited.handle("GET", "/v2/objects", {"Authorization": "Bearer other"}, b"").status == 401
    assert type(api)(limited)("GET", "/v2/objects").status == 200


def test_an_endpoint_can_have_an_additional_limit(api, clock: VirtualClock) -> None:
    limits = Limits(reads=3, endpoints={"list_objects": 1})
    call = type(api)(FakeAttio(clock=clock, limits=limits))
    refused = [call("GET", "/v2/objects") for _ in range(4)][1:]
    assert {answer.status for answer in refused} == {429}
    assert '"list_objects"' in refused[0].json["message"]
    # The three refused requests have not counted towards the common limit.
    assert [call("GET", "/v2/self").status for _ in range(3)] == [200, 200, 429]
    clock.advance(1)
    assert [call("GET", "/v2/self").status for _ in range(3)] == [200, 200, 200]
    refused = [call("GET", "/v2/objects") for _ in range(2)]
    assert ["list_objects" in answer.json["message"] for answer in refused] == [False, False]


def test_limits_can_be_set_at_any_time(api, fake: FakeAttio) -> None:
    assert [api("GET", "/v2/objects").status for _ in range(3)] == [200] * 3
    fake.limits = Limits(reads=2, window="sliding")
    assert [api("GET", "/v2/objects").status for _ in range(3)] == [200, 200, 429]
    fake.limits = Limits(reads=3, window="sliding")
    assert fake.limits.reads == 3
    assert [api("GET", "/v2/objects").status for _ in range(2)] == [200, 429]
    fake.limits = Limits.none()
    assert api("GET", "/v2/objects").status == 200


def test_limits_can_be_lowered_for_a_while(api, clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, limits=Limits(reads=4))
    call = type(api)(fake)
    fake.fault(LoweredLimits(reads=3), seconds=10)
    fake.fault(LoweredLimits(reads=2, endpoints={"get_self": 1}), seconds=1)
    fake.fault(LoweredLimits(writes=30))

    def passed(target: str = "/v2/objects") -> int:
        return sum(call("GET", target).status == 200 for _ in range(6))

    assert passed("/v2/self") == 1
    assert passed() == 1
    clock.advance(1)
    assert passed() == 3
    clock.advance(9)
    assert passed() == 4
    assert len(fake.faults) == 1
    fake.faults.clear()
    assert len(fake.faults) == 0


def test_a_fake_without_limits_can_be_limited_for_a_while(api, fake: FakeAttio, clock: VirtualClock) -> None:
    with fake.fault(LoweredLimits(reads=2)):
        assert [api("GET", "/v2/objects").status for _ in range(3)] == [200, 200, 429]
    assert api("GET", "/v2/objects").status == 200


@pytest.mark.anyio
@pytest.mark.parametrize("window", sorted(WINDOWS))
async def test_the_client_keeps_the_limits_of_every_window(clock: VirtualClock, window: str) -> None:
    fake = FakeAttio(clock=clock, limits=Limits(window=window), latency=0.06)
    async with fake.client() as attio, anyio.create_task_group() as tasks:
        for _ in range(250):
            tasks.start_soon(attio.objects.get, "people")
        for _ in range(40):
            tasks.start_soon(attio.companies.create, {"name": "Acme"})
    assert len(fake.calls.where(operation="get_object", status=200)) == 250
    assert len(fake.records("companies")) == 40
    assert len(fake.calls.where(status=429)) <= 4
    assert clock.monotonic() < 5


@pytest.mark.anyio
async def test_the_client_keeps_the_limits_of_endpoints(clock: VirtualClock) -> None:
    fake = FakeAttio(clock=clock, limits=Limits(), latency=0.06)
    async with fake.client() as attio, anyio.create_task_group() as tasks:
        for _ in range(30):
            tasks.start_soon(attio.notes.list().collect)
    assert len(fake.calls.where(operation="list_notes", status=200)) == 30
    assert len(fake.calls.where(status=429)) <= 2
    assert 2 < clock.monotonic() < 5
