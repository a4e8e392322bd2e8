"""The permit pool in virtual time, as a server with any kind of window sees it."""

import itertools
import math
from bisect import bisect_left

import pytest
from hypothesis import given, strategies as st

from attio_async._limits.permits import PermitPool


def saturate(pool: PermitPool, *, seconds: float, latency: float) -> list[float]:
    """Send whenever the pool allows it, each with a response after `latency`. Return the instants of sending."""
    now, sent, flying = 0.0, [], []
    while now < seconds:
        ready = pool.ready_at(now)
        answer = flying[0][0] if flying else math.inf
        if ready <= now:
            sent.append(now)
            flying.append((now + latency, pool.take(now)))
        else:
            now = min(ready, answer)
            while flying and flying[0][0] <= now:
                pool.answered(flying.pop(0)[1], now)
    return sent


def most_in_any_window(instants: list[float], window: float = 1.0) -> int:
    return max(bisect_left(instants, start + window) - i for i, start in enumerate(instants))


@given(st.sampled_from([2, 5, 25, 100]), st.floats(0.0, 3.0))
def test_no_window_sees_more_requests_than_the_limit(limit: int, latency: float) -> None:
    sent = saturate(PermitPool(limit), seconds=8, latency=latency)
    assert most_in_any_window(sent) <= limit


def test_the_allowed_rate_is_used() -> None:
    for limit, least in ((100, 0.95), (25, 0.90)):
        sent = saturate(PermitPool(limit), seconds=61, latency=0.04)
        steady = [instant for instant in sent if instant >= 1]
        assert len(steady) / 60 >= least * limit


def test_a_burst_leaves_at_once_after_an_idle_time() -> None:
    assert saturate(PermitPool(25), seconds=0.001, latency=1) == [0.0] * 25


def test_the_next_permit_is_unknown_while_all_are_out() -> None:
    pool = PermitPool(2)
    pool.take(0.0)
    pool.take(0.0)
    assert pool.ready_at(5.0) == math.inf


def test_a_burst_is_followed_by_paced_requests() -> None:
    sent = saturate(PermitPool(25), seconds=2, latency=0.0)[25:]
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(gaps) >= 1 / 25


def test_a_lost_request_counts_from_when_it_was_given_up() -> None:
    pool = PermitPool(2)
    first, _ = pool.take(0.0), pool.take(0.0)
    pool.lost(first, 5.0)
    assert pool.ready_at(5.0) == 6.0


def test_the_permit_of_an_unsent_request_can_be_taken_again() -> None:
    pool = PermitPool(2)
    tickets = [pool.take(0.0), pool.take(0.0)]
    pool.unsent(tickets[0])
    assert pool.ready_at(0.0) == 0.0


def test_a_response_settles_all_requests_sent_before_it() -> None:
    pool = PermitPool(3)
    early, late = pool.take(0.0), pool.take(0.1)
    pool.answered(late, 0.2)
    assert early.returned
    assert late.returned
    pool.answered(early, 0.3)  # its own response changes nothing any more
    assert pool.ready_at(0.3) == 0.3  # one permit was never taken


def rate_limit(pool: PermitPool, times: int, *, sent: float, until: float) -> list[bool]:
    tickets = [pool.take(sent) for _ in range(times)]
    return [pool.rate_limited(ticket, sent + 0.1, until) for ticket in tickets]


def test_isolated_429s_pause_nothing() -> None:
    pool = PermitPool(100)
    assert rate_limit(pool, 4, sent=0.0, until=9.0) == [False] * 4
    assert pool.ready_at(0.1) == 0.1


def test_five_429s_for_reads_pause_the_bucket() -> None:
    pool = PermitPool(100)
    assert rate_limit(pool, 5, sent=0.0, until=3.0) == [False] * 4 + [True]
    assert pool.ready_at(0.2) == 3.0


def test_three_429s_for_writes_pause_the_bucket() -> None:
    pool = PermitPool(25)
    assert rate_limit(pool, 3, sent=0.0, until=2.0)[-1] is True


def test_429s_spread_over_more_than_a_second_are_isolated() -> None:
    pool = PermitPool(25)
    for second in range(9):
        assert not pool.rate_limited(pool.take(second * 0.6), second * 0.6 + 0.1, second * 0.6 + 1)


def test_no_burst_follows_a_pause() -> None:
    pool = PermitPool(25)
    rate_limit(pool, 3, sent=0.0, until=10.0)
    now, sent = 10.0, []
    for _ in range(15):
        now = pool.ready_at(now)
        sent.append(now)
        pool.take(now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert sent[0] == 10.0
    assert min(gaps) >= pool.spacing * 0.999


def test_429s_for_requests_sent_before_the_pause_pause_nothing_again() -> None:
    pool = PermitPool(25)
    tickets = [pool.take(0.0) for _ in range(9)]
    paused = [pool.rate_limited(ticket, 0.1, 2.0) for ticket in tickets]
    assert paused == [False, False, True, False, False, False, False, False, False]


def refused(pool: PermitPool, *, until: float, seconds: float, latency: float = 0.04) -> list[float]:
    """Send as `saturate` does, to a server that rejects everything until an instant; return the instants of sending."""
    now, sent, flying = 0.0, [], []
    while now < seconds:
        if pool.ready_at(now) <= now:
            sent.append(now)
            flying.append((now + latency, now, pool.take(now)))
            continue
        now = min(pool.ready_at(now), flying[0][0] if flying else math.inf)
        while flying and flying[0][0] <= now:
            _, at, ticket = flying.pop(0)
            if at < until:
                pool.rate_limited(ticket, now, now + 1.0)
            else:
                pool.answered(ticket, now)
    return sent


@pytest.mark.parametrize("limit", [2, 5, 25, 100])
@pytest.mark.parametrize("until", [0.5, 5.0, 60.0])
def test_a_pool_recovers_soon_after_everything_was_rejected(limit: int, until: float) -> None:
    sent = refused(PermitPool(limit), until=until, seconds=until + 40)
    assert most_in_any_window(sent) <= limit
    after = [instant for instant in sent if until + 20 <= instant < until + 30]
    assert len(after) / 10 >= 0.75 * limit
    during = [instant for instant in sent if 10 <= instant < until]
    assert len(during) <= 2 * until  # some to find out whether it goes on
