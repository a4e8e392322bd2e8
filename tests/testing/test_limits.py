import pytest
from hypothesis import given
from hypothesis import strategies as st

from attio_async.testing import FakeAttio, Limits, VirtualClock


def test_fixed_windows_refill_with_the_second() -> None:
    meter = Limits(reads=2).meters()["read"]
    assert [meter.admit(now) for now in (10.0, 10.9, 10.95, 10.99, 11.0, 11.5, 11.6)] == [
        None,
        None,
        11,
        11,
        None,
        None,
        12,
    ]


def test_sliding_windows_count_the_second_before() -> None:
    meter = Limits(writes=2, window="sliding").meters()["write"]
    assert [meter.admit(now) for now in (10.5, 10.9, 11.4, 11.5, 11.6, 11.9)] == [
        None,
        None,
        12,
        None,
        12,
        None,
    ]


@given(
    st.lists(st.floats(0, 5), max_size=300).map(sorted),
    st.integers(1, 5),
    st.sampled_from(["fixed", "sliding"]),
)
def test_no_window_ever_lets_more_through(times: list[float], limit: int, window: str) -> None:
    meter = Limits(reads=limit, window=window).meters()["read"]
    passed = [now for now in times if meter.admit(now) is None]
    for now in passed:
        if window == "fixed":
            assert sum(1 for other in passed if int(other) == int(now)) <= limit
        else:
            assert sum(1 for other in passed if now - 1 < other <= now) <= limit


@pytest.mark.parametrize("options", [{"reads": 0}, {"writes": -1}, {"window": "open"}])
def test_limits_that_cannot_be_are_refused(options: dict) -> None:
    with pytest.raises(ValueError, match=r"."):
        Limits(**options)


def test_reads_and_writes_have_buckets_of_their_own_and_queries_are_reads(api, clock: VirtualClock) -> None:
    limited = FakeAttio(clock=clock, limits=Limits(reads=2, writes=1))
    call = type(api)(limited)
    clock.advance(0.25)
    assert [call.query("people").status for _ in range(3)] == [200, 200, 429]
    assert [call.create("people").status for _ in range(2)] == [200, 429]
    refused = call.create("people")
    assert refused.json["type"] == "rate_limit_error"
    assert refused.json["code"] == "rate_limit_exceeded"
    assert refused.headers["Retry-After"] == "Thu, 01 Jan 2026 00:00:01 GMT"
    assert refused.headers["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert len(limited.records("people")) == 1
    clock.advance(0.75)
    assert call.create("people").status == 200


def test_refused_tokens_do_not_use_up_the_limit(api, clock: VirtualClock) -> None:
    limited = FakeAttio(clock=clock, limits=Limits(reads=1))
    for _ in range(3):
        assert limited.handle("GET", "/v2/objects", {"Authorization": "Bearer other"}, b"").status == 401
    assert type(api)(limited)("GET", "/v2/objects").status == 200
