"""Processes that share a limit against strict servers, with and without Redis. Time is virtual."""

import math

import pytest

from attio_async._limits.redis_client import OnReply, ScriptCall, ScriptReply
from attio_async._limits.redis_pool import SharedPool
from tests._limits.redis.script_model import SharedModel
from tests._limits.redis.simulator import REDIS, World, jain
from tests._limits.windows import NETWORKS, WINDOWS


@pytest.mark.parametrize("window", ["fixed", "log", "counter", "bucket"])
@pytest.mark.parametrize("processes", [4, 8])
def test_processes_share_the_whole_rate_fairly(processes: int, window: str) -> None:
    world = World(WINDOWS[window](100), [300 // processes] * processes).run(15)
    assert world.rate(2, 15) == pytest.approx(96, abs=1)
    assert world.rate_limited == []
    assert world.fairness >= 0.99
    assert world.calls_per_request <= 0.3


def test_writes_and_merges_are_shared() -> None:
    writes = World(WINDOWS["log"](25), [20] * 4, network=NETWORKS["jit"]).run(30)
    assert writes.rate(2, 30) >= 22.5
    assert len(writes.rate_limited) <= 1
    merges = World(WINDOWS["log"](5), [10] * 8).run(30)
    assert merges.rate(2, 30) == pytest.approx(4, abs=0.2)
    assert merges.rate_limited == []
    assert min(writes.fairness, merges.fairness) >= 0.99


def test_one_busy_process_gets_the_whole_rate() -> None:
    world = World(WINDOWS["log"](100), [100, 0, 0, 0]).run(12)
    assert world.rate(2, 12) >= 94
    assert world.rate_limited == []


@pytest.mark.parametrize("how", REDIS)
@pytest.mark.parametrize("processes", [4, pytest.param(8, marks=pytest.mark.full)])
def test_processes_keep_a_safe_rate_while_redis_is_away(processes: int, how: str) -> None:
    world = World(WINDOWS["log"](100), [300 // processes] * processes, away=(6, 18, how)).run(26)
    seconds = world.per_second(2, 26)
    assert min(seconds) >= 65
    assert len(world.rate_limited) <= 5
    assert max(world.per_second(8, 18)) <= 90
    assert world.rate(21, 26) >= 94
    assert world.fairness >= 0.99


def test_a_lowered_limit_is_found_and_left_by_all_processes() -> None:
    world = World(WINDOWS["log"](100), [75] * 4, drop=(5, 25, 50)).run(25)
    assert sum(5 <= instant < 25 for instant in world.rate_limited) <= 60
    assert world.rate(8, 25) >= 40
    rates = {round(process.pool.governor.rate) for process in world.processes}
    assert max(rates) - min(rates) <= 1
    assert max(rates) <= 52
    world.run(40)
    assert world.rate(36, 40) >= 88
    assert world.fairness >= 0.99


def test_fairness_is_1_for_equal_counts() -> None:
    assert jain([1, 1, 1, 1]) == 1
    assert jain([1, 0, 0, 0]) == 0.25


class HeldCaller:
    """A caller whose calls wait until the test replies to them."""

    process = "me"

    def __init__(self) -> None:
        self.calls: list[tuple[ScriptCall, OnReply]] = []

    def call(self, bucket: str, call: ScriptCall, on_reply: OnReply) -> None:
        self.calls.append((call, on_reply))

    def reply(self, at: float, /, *waits: float, **options: float) -> ScriptCall:
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
def caller() -> HeldCaller:
    return HeldCaller()


@pytest.fixture
def pool(caller: HeldCaller) -> SharedPool:
    return SharedPool("read", 100, 1.0, caller=caller, processes=2, on_change=lambda: None)


def test_permits_are_reserved_in_time_with_one_call_at_a_time(pool: SharedPool, caller: HeldCaller) -> None:
    assert pool.ready_at(0.0) == math.inf
    assert pool.reserve(10, 0.0) == 0
    pool.reserve(10, 0.001)
    assert caller.reply(0.002, 0.0, 0.01, 0.02, 0.2).wanted == 10
    assert caller.calls == []
    assert pool.ready_at(0.002) == 0.002
    assert pool.reserve(10, 0.002) == 3  # the fourth is due too late
    pool.take(0.002)
    pool.reserve(9, 0.002)
    assert caller.calls == []
    pool.take(0.012)
    pool.reserve(8, 0.012)
    assert caller.reply(0.02).wanted == 6
    assert pool.ready_at(0.012) == pytest.approx(0.022)
    pool.reserve(2, 0.02)
    assert caller.calls == []  # enough in hand


def test_a_permit_lapses_after_its_instant(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(1, 0.0)
    caller.reply(0.01, 0.0, 1.5)
    assert pool.ready_at(0.4) == 0.4
    assert pool.ready_at(0.6) == 1.51


def test_a_permit_used_late_is_reported(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(2, 0.0)
    caller.reply(0.01, 0.0, 0.3)
    pool.answered(pool.take(0.02), 0.1)
    assert caller.calls == []
    late = pool.take(0.41)
    call = caller.reply(0.42)
    assert call.late == [(11, pytest.approx(0.1))]
    assert call.wanted == 0
    pool.answered(late, 0.8)
    assert caller.reply(0.8).late == [(11, pytest.approx(0.39))]  # the latency is not known yet
    assert caller.calls == []


def test_a_response_dates_its_request_and_those_sent_before_it(pool: SharedPool, caller: HeldCaller) -> None:
    for turn in range(30):
        pool.reserve(1, float(turn))
        caller.reply(float(turn), 0.0)
        pool.answered(pool.take(float(turn)), turn + 0.1)
        while caller.calls:
            caller.reply(turn + 0.2)
    pool.reserve(2, 100.0)
    caller.reply(100.0, 0.0, 0.01)
    first, second = pool.take(100.0), pool.take(100.01)
    pool.answered(second, 100.11)
    pool.answered(first, 103.0)  # its response was slow, but it arrived before the second request
    assert caller.calls == []
    pool.reserve(1, 104.0)
    caller.reply(104.0, 0.0)
    pool.answered(pool.take(104.0), 104.4)  # a connection that had to be opened, for example
    assert caller.calls[0][0].late == [(104000, pytest.approx(0.3, abs=0.01))]


def test_a_permit_comes_back_after_its_use_not_after_its_instant() -> None:
    redis = SharedModel()
    redis.reply("read", call_of("a", wanted=1), 1000.0)
    number, _ = redis.reply("read", call_of("a", wanted=1), 1005.0).slots[0]
    for _ in range(33):
        redis.reply("read", call_of("a", wanted=3), 1005.0)  # all that are left
    report = ScriptCall(limit=100, window=1.0, process="a", late=[(number, 0.5)])
    redis.reply("read", report, 1005.5)
    returns = redis.buckets["read"].pool._returns
    assert len(returns) == 100
    assert returns[0] == pytest.approx(1005 + 1 / 96 + 1 / 0.96)  # no longer the first permit's
    assert returns[-1] == pytest.approx(returns[-2] + 1 / 96)


def test_the_permit_of_an_unsent_request_is_used_by_the_next(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(1, 0.0)
    caller.reply(0.01, 0.0)
    ticket = pool.take(0.01)
    assert pool.ready_at(0.01) == math.inf
    pool.unsent(ticket)
    assert pool.ready_at(0.02) == 0.02


def test_a_pause_voids_reserved_permits(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(3, 0.0)
    caller.reply(0.01, 0.0, 0.01, 0.02)
    limited = pool.take(0.01)
    assert not pool.rate_limited(limited, 0.1, 1.0)
    call = caller.reply(0.102, era=2.0, pause=0.9, last_limited=0.0)
    assert [(number, pytest.approx(delay)) for number, delay in call.rate_limited] == [(10, 0.9)]
    assert pool.ready_at(0.102) == math.inf
    assert pool.pauses == [0.9]
    assert pool.governor.limited_at == pytest.approx(0.102)


def test_429s_are_reported_after_the_next_reply(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(2, 0.0)
    caller.reply(0.01, 0.0, 0.0)
    first, second = pool.take(0.01), pool.take(0.01)
    pool.rate_limited(first, 0.1, 1.0)
    pool.rate_limited(second, 0.1, 1.0)
    assert len(caller.reply(0.2).rate_limited) == 1
    assert len(caller.reply(0.3).rate_limited) == 1
    assert caller.calls == []


def test_an_offline_process_uses_a_share_without_a_burst(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(50, 0.0)
    assert pool.ready_at(0.0) == pytest.approx(0.3)
    assert caller.fail(0.01).rejoining is False
    assert pool.offline
    assert pool.ready_at(0.01) == 0.01
    tickets = [pool.take(0.01)]
    assert pool.ready_at(0.01) == pytest.approx(0.01 + 1 / 41, abs=0.002)  # 45 for each of two, less a margin
    assert pool.governor.rate == pytest.approx(42, abs=1)
    pool.reserve(50, 0.2)
    assert caller.calls == []
    pool.reserve(50, 0.52)
    assert caller.calls[0][0].rejoining
    for now, ticket in enumerate(tickets, start=1):
        pool.answered(ticket, float(now))


def test_a_process_goes_offline_when_a_reply_is_overdue(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(5, 0.0)
    assert pool.ready_at(0.29) == pytest.approx(0.3)
    assert pool.ready_at(0.31) == 0.31
    assert pool.offline
    ticket = pool.take(0.31)
    pool.unsent(ticket)
    assert pool.ready_at(0.31) == 0.31
    caller.reply(0.4, 0.0)  # the reply comes after all
    assert not pool.offline
    assert pool.ready_at(0.4) == 0.4


def test_a_process_rejoins_although_a_reply_never_comes(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(5, 0.0)
    pool.reserve(5, 1.0)
    pool.reserve(5, 4.9)
    assert len(caller.calls) == 1
    pool.reserve(5, 5.5)
    assert len(caller.calls) == 2
    caller.reply(5.6, 0.0)  # the first reply comes too late
    assert pool.offline
    caller.reply(5.6, 0.0)
    assert not pool.offline


def test_the_share_is_used_until_redis_gives_permits_again(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(5, 0.0)
    caller.fail(0.0)
    pool.take(0.6)  # a single request also tries to rejoin
    caller.reply(0.61, resumes=1.0)
    assert not pool.offline
    pool.reserve(5, 0.62)
    caller.reply(0.63, 0.98, 0.99)
    assert pool.ready_at(1.0) == 1.0
    ticket = pool.take(1.0)
    assert pool.ready_at(1.62) == 1.62
    pool.take(1.62)
    assert not pool.rate_limited(ticket, 1.63, 2.0)
    pool.lost(pool.take(1.63), 1.7)
    assert caller.reply(1.71).late == [(631, pytest.approx(0.08))]
    assert pool.ready_at(1.71) == math.inf


def call_of(process: str, *, wanted: int = 0, rejoining: bool = False) -> ScriptCall:
    return ScriptCall(limit=100, window=1.0, process=process, wanted=wanted, rejoining=rejoining)


def test_after_an_outage_permits_resume_one_by_one_a_second_later() -> None:
    redis = SharedModel()
    redis.reply("read", call_of("a"), 1000.0)
    assert redis.reply("read", call_of("a", rejoining=True), 1010.0).resumes == 1
    assert redis.reply("read", call_of("b", rejoining=True), 1010.5).resumes == 0.5
    slots = redis.reply("read", call_of("b", wanted=4), 1010.6).slots
    assert [wait for _, wait in slots] == pytest.approx([0.4, 0.4104, 0.4208, 0.4312], abs=1e-3)


def test_stale_calls_reserve_nothing() -> None:
    redis = SharedModel()
    redis.reply("read", call_of("a"), 1000.0)
    stuck = ScriptCall(limit=100, window=1.0, process="a", wanted=60, at=1001.0)
    for _ in range(4):
        assert redis.reply("read", stuck, 1010.0).stale
    back = ScriptCall(limit=100, window=1.0, process="a", rejoining=True, at=1010.0)
    assert redis.reply("read", back, 1010.1).resumes == 1


def test_a_stale_call_is_repeated(pool: SharedPool, caller: HeldCaller) -> None:
    pool.reserve(5, 0.0)
    assert caller.reply(0.1).at == 0
    pool.reserve(5, 0.2)
    assert caller.reply(0.3, stale=True, now=2000.3).at == pytest.approx(1000.2)
    assert caller.reply(0.4, now=2000.4).at == pytest.approx(2000.3)
    assert caller.calls == []


def test_a_process_that_alone_went_offline_does_not_stop_the_others() -> None:
    redis = SharedModel()
    redis.reply("read", call_of("a"), 1000.0)
    before = redis.reply("read", call_of("a", wanted=1), 1009.9).era
    reply = redis.reply("read", call_of("b", wanted=3, rejoining=True), 1010.0)
    assert reply.resumes < 0
    assert [wait for _, wait in reply.slots] == [0, 0, 0]
    assert reply.era == before


def test_a_clock_set_back_stops_no_process() -> None:
    redis = SharedModel()
    redis.reply("read", call_of("a", wanted=30), 5000.0)
    assert redis.reply("read", call_of("a", wanted=1), 1000.0).slots[0][1] == 0


def test_processes_that_called_lately_are_counted() -> None:
    redis = SharedModel()
    peers = [redis.reply("read", call_of(name), 1000.0 + at).peers for at, name in enumerate("abca")]
    assert peers == [1, 2, 3, 3]
    assert redis.reply("read", call_of("a"), 1011.5).peers == 2
