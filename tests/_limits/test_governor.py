"""The governor learns from 429s, step by step."""

import pytest
from hypothesis import given, strategies as st

from attio_async._limits.governor import Governor, Ticket
from attio_async._limits.permits import PermitPool


def send(governor: Governor, at: float) -> Ticket:
    ticket = Ticket(at)
    governor.log.append(ticket)
    return ticket


def rate_limit(governor: Governor, times: int, *, sent: float, until: float) -> bool:
    """Send several requests a millisecond apart, each of which gets a 429 a tenth of a second later."""
    tickets = [send(governor, sent + n / 1000) for n in range(times)]
    return [governor.rate_limited(ticket, ticket.sent + 0.1, until) for ticket in tickets][-1]


def test_the_rate_begins_with_a_margin_that_depends_on_the_limit() -> None:
    for limit, rate, threshold in ((100, 96, 5), (25, 23, 3), (10, 8.7, 3), (5, 4, 3), (1, 0.8, 3)):
        governor = Governor(limit)
        assert governor.rate == pytest.approx(rate, abs=0.05)
        assert governor.pause_threshold == threshold
        assert (governor.scale, governor.guard, governor.burst) == (1, 0, limit)


def test_isolated_429s_widen_the_margin_once_a_second_up_to_a_bound() -> None:
    governor = Governor(100)
    governor.rate_limited(send(governor, 0.0), 0.1, 1.0)
    assert (governor.margin, governor.guard) == (pytest.approx(0.045), pytest.approx(0.01))
    governor.rate_limited(send(governor, 0.5), 0.6, 1.0)
    assert governor.margin == pytest.approx(0.045)
    for second in range(2, 60):
        governor.rate_limited(send(governor, second), second + 0.1, second + 1)
    assert (governor.margin, governor.guard) == (pytest.approx(0.1), pytest.approx(0.1))
    assert governor.scale == 1


def test_calm_reduces_the_guard_and_then_the_margin_down_to_a_bound() -> None:
    governor = Governor(100)
    governor.rate_limited(send(governor, 0.0), 0.1, 1.0)
    margins = []
    for second in range(1, 400):
        governor.succeeded(float(second))
        margins.append((round(governor.margin, 4), round(governor.guard, 4)))
    assert list(dict.fromkeys(margins)) == [
        (0.045, 0.01),
        (0.045, 0.0),
        (0.035, 0.0),
        (0.025, 0.0),
        (0.02, 0.0),
    ]


def test_a_429_soon_after_the_margin_shrank_doubles_the_next_calm_time() -> None:
    patient, rash = Governor(100), Governor(100)
    for governor in (patient, rash):
        governor.succeeded(0.0)
        governor.succeeded(10.0)  # the first calm time is over: the margin shrinks by a percent
    rash.rate_limited(send(rash, 11.0), 11.1, 12.0)
    for governor in (patient, rash):
        governor.guard = 0.0
        governor.succeeded(75.0)
    assert patient.margin == pytest.approx(0.02)
    assert rash.margin == pytest.approx(0.035)  # its calm time is two minutes now


def test_the_margin_of_a_small_limit_is_fixed() -> None:
    governor = Governor(5)
    for second in range(0, 600, 3):
        governor.rate_limited(send(governor, second), second + 0.1, second + 1)
        governor.succeeded(second + 0.5)
    assert governor.margin == pytest.approx(0.2)


def test_a_second_pause_soon_after_the_first_lowers_the_rate() -> None:
    governor = Governor(100)
    for n in range(50):
        send(governor, 9.0 + n * 0.02)  # accepted in the second before
    assert rate_limit(governor, 5, sent=10.0, until=11.0)
    governor.measure(11.0)
    assert governor.scale == 1
    for n in range(50):
        send(governor, 11.0 + n * 0.02)
    assert rate_limit(governor, 5, sent=12.0, until=13.0)
    governor.measure(13.0)
    assert governor.scale == pytest.approx(0.97 * 0.5, abs=0.02)


def reduced() -> Governor:
    governor = Governor(100)
    for start in (9.0, 11.0):
        for n in range(50):
            send(governor, start + n * 0.02)
        rate_limit(governor, 5, sent=start + 1, until=start + 2)
        governor.measure(start + 2)
    return governor


def test_a_lowered_rate_is_raised_in_growing_steps() -> None:
    governor, scales = reduced(), []
    now = 13.0
    while governor.scale < 1:
        now += 0.01
        before = governor.scale
        governor.succeeded(now)
        if governor.scale != before:
            scales.append(governor.scale - before)
    assert scales[:4] == pytest.approx([0.02, 0.04, 0.08, 0.16])
    assert 15 <= now <= 25


def test_a_429_at_a_lowered_rate_returns_to_the_rate_held_before_and_holds_it_longer() -> None:
    governor = reduced()
    held = governor.scale
    governor.succeeded(15.1)
    assert governor.scale == pytest.approx(held + 0.02)
    assert not governor.rate_limited(send(governor, 16.2), 16.3, 17.0)
    assert governor.scale == pytest.approx(held)
    governor.succeeded(20.2)
    assert governor.scale == pytest.approx(held)
    governor.succeeded(20.4)
    assert governor.scale > held


def test_429s_for_a_burst_halve_the_next_bursts_and_not_the_rate() -> None:
    governor = Governor(100)
    for _ in range(20):
        send(governor, 10.0)
    assert rate_limit(governor, 5, sent=10.0, until=11.0)
    governor.measure(11.0)
    assert (governor.burst, governor.scale) == (50, 1)


def test_a_burst_is_as_large_as_the_governor_allows() -> None:
    pool = PermitPool(100)
    pool.governor.burst = 10
    pool.governor._pace()
    sent = 0
    while pool.ready_at(0.0) <= 0.0:
        pool.take(0.0)
        sent += 1
    assert sent == 10


@given(st.lists(st.tuples(st.floats(0.001, 5), st.booleans(), st.floats(0, 3)), max_size=80))
def test_the_rate_stays_within_bounds(steps: list[tuple[float, bool, float]]) -> None:
    governor, now = Governor(100), 0.0
    for pause, good, ask in steps:
        now += pause
        ticket = send(governor, now - 0.0005)
        if governor.measuring:
            governor.measure(now)
        if good:
            governor.succeeded(now)
        else:
            governor.rate_limited(ticket, now, now + ask)
        assert 0.01 <= governor.scale <= 1
        assert 0.9 <= governor.rate <= 98.001
        assert 4 <= governor.burst <= 100
        assert 0 <= governor.guard <= 0.1
