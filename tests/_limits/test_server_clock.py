from hypothesis import given
from hypothesis import strategies as st

from attio_async._limits.server_clock import ServerClock
from attio_async._pipeline.retry import http_date, rate_limit_delay, retry_after_delay


@given(
    st.floats(-4000, 4000),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.001, 2)), min_size=1, max_size=20),
    st.floats(0, 50),
)
def test_a_server_instant_is_never_taken_for_earlier_than_it_is(
    skew: float, calls: list[tuple[float, float]], ahead: float
) -> None:
    """`skew` is how far the server's clock is from ours; what it dates is floored to a second."""
    clock = ServerClock()
    for sent, latency in sorted(calls):
        written = sent + latency / 2 + skew
        clock.observe(
            float(int(written) if written >= 0 else int(written) - 1), sent=sent, received=sent + latency
        )
    target = 200 + ahead
    assert clock.local(target + skew) >= target - 1e-6
    assert clock.local(target + skew) <= target + 1 + 2 + 1e-3  # the date's second and the slowest call


def test_a_clock_that_was_set_is_believed_from_then_on() -> None:
    clock = ServerClock()
    clock.observe(1000.0, sent=0.0, received=0.1)
    clock.observe(5000.0, sent=1.0, received=1.1)
    assert 1.0 <= clock.local(5000.0) <= 1.2


def test_the_servers_time_is_ours_where_the_answers_do_not_contradict_it() -> None:
    clock = ServerClock()
    clock.observe(1000.0, sent=0.0, received=0.1)
    assert clock.now(0.1, 1000.5) == 1000.5
    assert clock.now(0.1, 2000.0) < 1001.2
    assert clock.now(0.1, 0.0) >= 1000.0


HOUR_AHEAD = ServerClock()
HOUR_AHEAD.observe(1684852920.0, sent=0.0, received=0.0)  # Tue, 23 May 2023 14:42:00 GMT


def asked(value: str | None, *, wall: float = 0.0) -> float | None:
    headers = {} if value is None else {"retry-after": value}
    return retry_after_delay(headers, HOUR_AHEAD, now=0.0, wall=wall)


def test_retry_after_as_the_api_and_proxies_send_it() -> None:
    assert asked("Tue, 23 May 2023 14:42:01 GMT") == 1.0
    assert asked("2") == 2.0
    assert asked("0.25") == 0.25
    assert asked("Tue, 23 May 2023 14:40:00 GMT") == 0.0
    assert asked("-3") == 0.0
    for unreadable in ("soon", "", "nan", "inf", None):
        assert asked(unreadable) is None


def test_a_date_is_read_by_our_clock_when_the_server_never_told_its_own() -> None:
    headers = {"retry-after": "Tue, 23 May 2023 14:42:01 GMT"}
    assert retry_after_delay(headers, ServerClock(), now=50.0, wall=1684852919.0) == 2.0


def test_a_refusal_that_does_not_say_how_long_waits_a_second_and_a_little() -> None:
    assert rate_limit_delay({}, ServerClock(), now=0.0, wall=0.0, random=0.0) == 1.0
    assert 1.0 < rate_limit_delay({}, ServerClock(), now=0.0, wall=0.0, random=1.0) < 1.1


def test_http_dates() -> None:
    assert http_date("Thu, 01 Jan 1970 00:00:10 GMT") == 10.0
    assert http_date("yesterday") is None
    assert http_date("") is None
