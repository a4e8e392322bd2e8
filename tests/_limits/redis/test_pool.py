"""Processes that share a limit: in virtual time, against strict servers, with and without Redis."""

import math

import pytest

from attio_async._limits.redis.pool import SharedPool
from attio_async._limits.redis.protocol import OnReply, ScriptCall, ScriptReply
from tests._limits.redis.script_model import SharedModel
from tests._limits.redis.simulator import REDIS, World, jain
from tests._limits.windows import NETWORKS, WINDOWS


@pytest.mark.parametrize("window", ["fixed", "log", "counter", "bucket"])
@pytest.mark.parametrize("processes", [4, 8])
def test_processes_share_the_whole_rate_fairly(processes: int, window: str) -> None:
    world = World(WINDOWS[window](100), [300 // processes] * processes).run(15)
    assert world.rate(2, 15) == pytest.approx(96, abs=1)
    assert world.refused == []
    assert world.fairness >= 0.99
    assert world.calls_per_request <= 0.3


def test_writes_and_merges_are_shared_as_well() -> None:
    writes = World(WINDOWS["log"](25), [20] * 4, network=NETWORKS["jit"]).run(30)
    assert writes.rate(2, 30) >= 22.5
    assert len(writes.refused) <= 1
    merges = World(WINDOWS["log"](5), [10] * 8).run(30)
    assert merges.rate(2, 30) == pytest.approx(4, abs=0.2)
    assert merges.refused == []
    assert min(writes.fairness, merges.fairness) >= 0.99


def test_one_busy_process_gets_everything() -> None:
    world = World(WINDOWS["log"](100), [100, 0, 0, 0]).run(12)
    assert world.rate(2, 12) >= 94
    assert world.refused == []


@pytest.mark.parametrize("how", REDIS)
@pytest.mark.parametrize("processes", [4, 8])
def test_without_redis_nobody_stops_and_nobody_rushes(processes: int, how: str) -> None:
    world = World(WINDOWS["log"](100), [300 // processes] * processes, away=(6, 18, how)).run(26)
    seconds = world.per_second(2, 26)
    assert min(seconds) >= 65
    assert len(world.refused) <= 5
    assert max(world.per_second(8, 18)) <= 90
    assert world.rate(21, 26) >= 94
    assert world.fairness >= 0.99


def test_a_refusal_of_one_slows_all_and_so_does_the_recovery() -> None:
    world = World(WINDOWS["log"](100), [75] * 4, drop=(5, 25, 50)).run(25)
    assert sum(5 <= instant < 25 for instant in world.refused) <= 60
    assert world.rate(8, 25) >= 40
    rates = {round(process.pool.governor.rate) for process in world.processes}
    assert max(rates) - min(rates) <= 1
    assert max(rates) <= 52
    world.run(40)
    assert world.rate(36, 40) >= 88
    assert world.fairness >= 0.99


def test_jain() -> None:
    assert jain([1, 1, 1, 1]) == 1
    assert jain([1, 0, 0, 0]) == 0.25


class Desk:
    """A caller whose calls wait until the test answers them."""

    process = "me"

    def __init__(self) -> None:
        self.calls: list[tuple[ScriptCall, OnReply]] = []

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        self.calls.append((call, on_reply))

    def answer(self, at: float, /, *waits: float, **options: float) -> ScriptCall:
        call, on_reply = self.calls.pop(0)
        past = dict.fromkeys(("pause", "resumes", "score_pause"), -math.inf)
        fields = {
            "now": 1000 + at,
            "stale": False,
            "era": 1.0,
            "scale": 1.0,
            "spacing": 0.01,
            "load": 0.0,
            "last_limited": math.inf,
            "peers": 4,
        }
        fields |= {"score_limited_count": 0, "queried": math.inf, **past, **options}
        slots = [(place, wait) for place, wait in enumerate(waits, start=int(at * 1000))]
        on_reply(ScriptReply(slots=slots, **fields), at)
        return call

    def fail(self, now: float) -> ScriptCall:
        call, on_reply = self.calls.pop(0)
        on_reply(None, now)
        return call


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def pool(desk: Desk) -> SharedPool:
    return SharedPool("read", 100, 1.0, caller=desk, processes=2, on_change=lambda: None)


def test_permits_are_asked_for_in_time_and_one_call_at_a_time(pool: SharedPool, desk: Desk) -> None:
    assert pool.ready_at(0.0) == math.inf
    assert pool.reserve(10, 0.0) == 0
    pool.reserve(10, 0.001)
    assert desk.answer(0.002, 0.0, 0.01, 0.02, 0.2).wanted == 10
    assert desk.calls == []
    assert pool.ready_at(0.002) == 0.002
    assert pool.reserve(10, 0.002) == 3  # the fourth comes too late to be counted on
    pool.take(0.002)
    pool.reserve(9, 0.002)
    assert desk.calls == []
    pool.take(0.012)
    pool.reserve(8, 0.012)
    assert desk.answer(0.02).wanted == 6
    assert pool.ready_at(0.012) == pytest.approx(0.022)
    pool.reserve(2, 0.02)
    assert desk.calls == []  # enough in hand


def test_a_permit_that_was_not_used_in_time_is_not_used_at_all(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(1, 0.0)
    desk.answer(0.01, 0.0, 1.5)
    assert pool.ready_at(0.4) == 0.4
    assert pool.ready_at(0.6) == 1.51


def test_a_permit_that_was_used_late_is_told(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(2, 0.0)
    desk.answer(0.01, 0.0, 0.3)
    pool.answered(pool.take(0.02), 0.1)
    assert desk.calls == []
    late = pool.take(0.41)
    call = desk.answer(0.42)
    assert call.late == [(11, pytest.approx(0.1))]
    assert call.wanted == 0
    pool.answered(late, 0.8)
    assert desk.answer(0.8).late == [(11, pytest.approx(0.39))]  # how long answers take is not known yet
    assert desk.calls == []


def test_an_answer_tells_when_its_request_and_those_before_it_arrived(pool: SharedPool, desk: Desk) -> None:
    for turn in range(30):
        pool.reserve(1, float(turn))
        desk.answer(float(turn), 0.0)
        pool.answered(pool.take(float(turn)), turn + 0.1)
        while desk.calls:
            desk.answer(turn + 0.2)
    pool.reserve(2, 100.0)
    desk.answer(100.0, 0.0, 0.01)
    first, second = pool.take(100.0), pool.take(100.01)
    pool.answered(second, 100.11)
    pool.answered(first, 103.0)  # its answer was slow, but it arrived before the second
    assert desk.calls == []
    pool.reserve(1, 104.0)
    desk.answer(104.0, 0.0)
    pool.answered(pool.take(104.0), 104.4)  # a connection that had to be made, for example
    assert desk.calls[0][0].late == [(104000, pytest.approx(0.3, abs=0.01))]


def test_a_permit_comes_back_after_its_use_not_after_its_instant() -> None:
    redis = SharedModel()
    redis.answer("read", asked("a", wanted=1), 1000.0)
    number, _ = redis.answer("read", asked("a", wanted=1), 1005.0).slots[0]
    for _ in range(33):
        redis.answer("read", asked("a", wanted=3), 1005.0)  # all there are
    tell = ScriptCall(limit=100, window=1.0, process="a", late=[(number, 0.5)])
    redis.answer("read", tell, 1005.5)
    returns = redis.buckets["read"].pool._returns
    assert len(returns) == 100
    assert returns[0] == pytest.approx(1005 + 1 / 96 + 1 / 0.96)  # not the first one's any more
    assert returns[-1] == pytest.approx(returns[-2] + 1 / 96)


def test_a_permit_that_was_not_sent_with_is_there_for_the_next(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(1, 0.0)
    desk.answer(0.01, 0.0)
    ticket = pool.take(0.01)
    assert pool.ready_at(0.01) == math.inf
    pool.unsent(ticket)
    assert pool.ready_at(0.02) == 0.02


def test_a_pause_makes_what_is_in_hand_void(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(3, 0.0)
    desk.answer(0.01, 0.0, 0.01, 0.02)
    refused = pool.take(0.01)
    assert not pool.rate_limited(refused, 0.1, 1.0)
    call = desk.answer(0.102, era=2.0, pause=0.9, last_limited=0.0)
    assert [(number, pytest.approx(delay)) for number, delay in call.rate_limited] == [(10, 0.9)]
    assert pool.ready_at(0.102) == math.inf
    assert pool.pauses == [0.9]
    assert pool.governor.limited_at == pytest.approx(0.102)


def test_refusals_are_told_as_soon_as_the_line_is_free(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(2, 0.0)
    desk.answer(0.01, 0.0, 0.0)
    first, second = pool.take(0.01), pool.take(0.01)
    pool.rate_limited(first, 0.1, 1.0)
    pool.rate_limited(second, 0.1, 1.0)
    assert len(desk.answer(0.2).rate_limited) == 1
    assert len(desk.answer(0.3).rate_limited) == 1
    assert desk.calls == []


def test_going_on_alone_is_without_a_burst_and_with_a_share(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(50, 0.0)
    assert pool.ready_at(0.0) == pytest.approx(0.3)
    assert desk.fail(0.01).rejoining is False
    assert pool.offline
    assert pool.ready_at(0.01) == 0.01
    tickets = [pool.take(0.01)]
    assert pool.ready_at(0.01) == pytest.approx(0.01 + 1 / 41, abs=0.002)  # 45 for each of two, and a margin
    assert pool.governor.rate == pytest.approx(42, abs=1)
    pool.reserve(50, 0.2)
    assert desk.calls == []
    pool.reserve(50, 0.52)
    assert desk.calls[0][0].rejoining
    for now, ticket in enumerate(tickets, start=1):
        pool.answered(ticket, float(now))


def test_an_answer_that_is_overdue_is_not_waited_for(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(5, 0.0)
    assert pool.ready_at(0.29) == pytest.approx(0.3)
    assert pool.ready_at(0.31) == 0.31
    assert pool.offline
    ticket = pool.take(0.31)
    pool.unsent(ticket)
    assert pool.ready_at(0.31) == 0.31
    desk.answer(0.4, 0.0)  # it comes after all
    assert not pool.offline
    assert pool.ready_at(0.4) == 0.4


def test_an_answer_that_never_comes_does_not_keep_it_away_for_ever(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(5, 0.0)
    pool.reserve(5, 1.0)
    pool.reserve(5, 4.9)
    assert len(desk.calls) == 1
    pool.reserve(5, 5.5)
    assert len(desk.calls) == 2
    desk.answer(5.6, 0.0)  # the first: nobody listens any more
    assert pool.offline
    desk.answer(5.6, 0.0)
    assert not pool.offline


def test_the_share_is_used_until_redis_gives_permits_again(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(5, 0.0)
    desk.fail(0.0)
    pool.take(0.6)  # a lone request notices as well that it is time to try
    desk.answer(0.61, resumes=1.0)
    assert not pool.offline
    pool.reserve(5, 0.62)
    desk.answer(0.63, 0.98, 0.99)
    assert pool.ready_at(1.0) == 1.0
    ticket = pool.take(1.0)
    assert pool.ready_at(1.62) == 1.62
    pool.take(1.62)
    assert not pool.rate_limited(ticket, 1.63, 2.0)
    pool.lost(pool.take(1.63), 1.7)
    assert desk.answer(1.71).late == [(631, pytest.approx(0.08))]
    assert pool.ready_at(1.71) == math.inf


def asked(process: str, *, wanted: int = 0, rejoining: bool = False) -> ScriptCall:
    return ScriptCall(limit=100, window=1.0, process=process, wanted=wanted, rejoining=rejoining)


def test_after_an_outage_for_all_permits_come_back_one_by_one_a_second_later() -> None:
    redis = SharedModel()
    redis.answer("read", asked("a"), 1000.0)
    assert redis.answer("read", asked("a", rejoining=True), 1010.0).resumes == 1
    assert redis.answer("read", asked("b", rejoining=True), 1010.5).resumes == 0.5
    slots = redis.answer("read", asked("b", wanted=4), 1010.6).slots
    assert [wait for _, wait in slots] == pytest.approx([0.4, 0.4104, 0.4208, 0.4312], abs=1e-3)


def test_calls_that_were_given_up_reserve_nothing_when_redis_wakes_up() -> None:
    redis = SharedModel()
    redis.answer("read", asked("a"), 1000.0)
    stuck = ScriptCall(limit=100, window=1.0, process="a", wanted=60, at=1001.0)
    for _ in range(4):
        assert redis.answer("read", stuck, 1010.0).stale
    back = ScriptCall(limit=100, window=1.0, process="a", rejoining=True, at=1010.0)
    assert redis.answer("read", back, 1010.1).resumes == 1


def test_a_call_that_came_too_late_is_made_again(pool: SharedPool, desk: Desk) -> None:
    pool.reserve(5, 0.0)
    assert desk.answer(0.1).at == 0
    pool.reserve(5, 0.2)
    assert desk.answer(0.3, stale=True, now=2000.3).at == pytest.approx(1000.2)
    assert desk.answer(0.4, now=2000.4).at == pytest.approx(2000.3)
    assert desk.calls == []


def test_one_that_lost_its_line_alone_does_not_stop_the_others() -> None:
    redis = SharedModel()
    redis.answer("read", asked("a"), 1000.0)
    before = redis.answer("read", asked("a", wanted=1), 1009.9).era
    answer = redis.answer("read", asked("b", wanted=3, rejoining=True), 1010.0)
    assert answer.resumes < 0
    assert [wait for _, wait in answer.slots] == [0, 0, 0]
    assert answer.era == before


def test_a_clock_that_was_set_back_stops_nobody() -> None:
    redis = SharedModel()
    redis.answer("read", asked("a", wanted=30), 5000.0)
    assert redis.answer("read", asked("a", wanted=1), 1000.0).slots[0][1] == 0


def test_processes_that_asked_lately_are_counted() -> None:
    redis = SharedModel()
    peers = [redis.answer("read", asked(name), 1000.0 + at).peers for at, name in enumerate("abca")]
    assert peers == [1, 2, 3, 3]
    assert redis.answer("read", asked("a"), 1011.5).peers == 2
