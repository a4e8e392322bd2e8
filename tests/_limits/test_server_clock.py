"""Bounds on the server's clock."""

from hypothesis import given, strategies as st

from attio_async._limits.server_clock import ServerClock


@given(
    st.floats(-4000, 4000),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.001, 2)), min_size=1, max_size=20),
    st.floats(0, 50),
)
def test_a_server_instant_is_never_dated_too_early(
    skew: float, calls: list[tuple[float, float]], ahead: float
) -> None:
    """`skew` is how far the server's clock is ahead of ours; its dates are rounded down to a second."""
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


def test_our_time_is_used_within_the_bounds() -> None:
    clock = ServerClock()
    clock.observe(1000.0, sent=0.0, received=0.1)
    assert clock.now(0.1, 1000.5) == 1000.5
    assert clock.now(0.1, 2000.0) < 1001.2
    assert clock.now(0.1, 0.0) >= 1000.0
