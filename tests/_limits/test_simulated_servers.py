"""The limits against five kinds of server in virtual time: short runs of what benchmarks/limits.py measures."""

from email.utils import formatdate

import pytest

from attio_async._limits.permits import PermitPool
from tests._limits.simulator import (
    Outcome,
    Simulation,
    dated,
    most_in_any_second,
    saturated,
)
from tests._limits.windows import NETWORKS, WINDOWS, Fixed


@pytest.mark.parametrize("window", WINDOWS)
def test_reads_with_30_ms_of_jitter(window: str) -> None:
    used, _, outcome = saturated(window, "j30", seconds=40)
    assert used >= 95.5
    assert len(outcome.rate_limited) <= 3
    assert outcome.early == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_reads_on_a_network_with_a_long_tail_and_spikes(window: str) -> None:
    used, rate_limited, _ = saturated(window, "spike", seconds=60)
    assert used >= 93
    assert rate_limited <= 15  # fewer in the long run: the margin is still being learned here


@pytest.mark.parametrize("window", WINDOWS)
def test_writes_on_a_network_with_a_long_tail(window: str) -> None:
    used, rate_limited, _ = saturated(window, "jit", limit=25, seconds=120)
    assert used >= 90
    assert rate_limited <= 15


def test_merges_use_four_of_five_per_second() -> None:
    for window in ("fixed", "log"):
        used, rate_limited, _ = saturated(window, "j30", limit=5, seconds=60)
        assert used >= 75
        assert rate_limited == 0


@pytest.mark.parametrize("window", WINDOWS)
def test_a_burst_of_100_after_an_idle_time_leaves_at_once(window: str) -> None:
    simulation = Simulation(WINDOWS[window](100), NETWORKS["jit"], PermitPool(100), connections=50)
    outcome = simulation.burst(100, seconds=10)
    assert outcome.rate_limited == []
    assert max(outcome.sent) <= 0.3
    assert max(outcome.answered) <= 0.8


@pytest.mark.parametrize("window", WINDOWS)
def test_300_requests_on_new_connections_get_no_429(window: str) -> None:
    """Dating by arrival notices that the first requests arrive two round trips late."""
    simulation = Simulation(
        WINDOWS[window](100), NETWORKS["jit"], PermitPool(100), cold=0.08, connections=300
    )
    outcome = simulation.burst(300, seconds=10)
    assert outcome.rate_limited == []
    assert len(outcome.accepted) == 300


def lowered(window: str, *, to: int, seed: int = 1) -> tuple[Simulation, Outcome]:
    simulation = Simulation(
        WINDOWS[window](100), NETWORKS["jit"], PermitPool(100), seed=seed, drop=(10, 40, to)
    )
    return simulation, simulation.saturate(60)


@pytest.mark.parametrize("window", ["fixed", "log", "counter"])
def test_a_silently_halved_limit_is_found(window: str) -> None:
    simulation, outcome = lowered(window, to=50)
    assert sum(10 <= instant < 55 for instant in outcome.rate_limited) <= 60
    assert outcome.used(12, 40, 50) >= 80
    assert any(outcome.accepted_between(start, start + 1) >= 88 for start in range(40, 55))
    assert simulation.pool.governor.scale == 1


def test_a_temporary_limit_of_ten_is_found() -> None:
    simulation, outcome = lowered("fixed", to=10)
    assert sum(10 <= instant < 55 for instant in outcome.rate_limited) <= 90
    assert outcome.used(14, 40, 10) >= 70
    assert simulation.pool.governor.scale == 1


def past(now: float) -> str:
    return formatdate(now - 100, usegmt=True)


ASKED = {
    "date": dated,
    "two seconds more": lambda now: formatdate(int(now) + 2, usegmt=True),
    "seconds": lambda _: "1",
    "missing": lambda _: None,
    "garbage": lambda _: "soon",
    "past": past,
}


@pytest.mark.parametrize("skew", [-2.0, 2.0, 3600.0])
@pytest.mark.parametrize("asked", ASKED)
def test_a_lower_limit_is_found_whatever_the_clocks_and_headers_say(skew: float, asked: str) -> None:
    simulation = Simulation(Fixed(50), NETWORKS["jit"], PermitPool(100), skew=skew, retry_after=ASKED[asked])
    outcome = simulation.saturate(12)
    assert outcome.used(0, 12, 50) >= (80 if asked != "two seconds more" else 70)
    assert outcome.early == 0


def test_requests_keep_their_order_and_each_second_its_limit() -> None:
    simulation = Simulation(WINDOWS["log"](100), NETWORKS["j30"], PermitPool(100))
    outcome = simulation.burst(1000, seconds=15)
    assert outcome.order == sorted(outcome.order)
    assert len(outcome.accepted) == 1000
    assert most_in_any_second(outcome.sent) <= 100


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = (saturated("log", "spike", seconds=10, seed=7)[2] for _ in range(2))
    assert first == second
