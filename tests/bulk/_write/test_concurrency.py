"""The number of rows in flight follows from the rate and the latency."""

from attio_async._limits.limiter import TokenLimits
from attio_async.bulk._write.engine import Concurrency


def test_as_many_rows_are_in_flight_as_the_rate_needs() -> None:
    for latency, least, most in [(0.05, 4, 8), (0.5, 12, 30), (3.0, 40, 40)]:
        concurrency = Concurrency(TokenLimits(), limit=40, fixed=None)
        for _ in range(200):
            concurrency.observe(latency)
        assert least <= concurrency.workers <= most, latency


def test_a_fixed_number_stays() -> None:
    concurrency = Concurrency(TokenLimits(), limit=40, fixed=7)
    for _ in range(200):
        concurrency.observe(3.0)
    assert concurrency.workers == 7
