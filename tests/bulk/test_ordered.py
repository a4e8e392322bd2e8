import random

import anyio
import pytest

from attio_async.bulk.keys import SeenKeys
from attio_async.bulk.ordered import iterate, run_in_order
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio


async def test_results_come_in_the_order_of_the_items_whatever_takes_long() -> None:
    clock, chance, delivered = VirtualClock(), random.Random(1), []

    async def work(number: int, item: int) -> tuple[int, int]:
        await clock.sleep(chance.random())
        return number, item

    await run_in_order(iterate(range(100, 300)), work, delivered.append, workers=7)
    assert delivered == [(n, n + 100) for n in range(200)]


async def test_at_most_so_many_at_once_and_never_far_ahead_of_the_slowest() -> None:
    clock, busy, most, read = VirtualClock(), 0, 0, 0

    def items():
        nonlocal read
        for n in range(1000):
            read = n + 1
            yield n

    async def work(number: int, _item: int) -> int:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await clock.sleep(100.0 if number == 0 else 0.01)
        if number == 0:
            assert read <= 5 * 4 + 1  # the rows that wait for the first one are bounded
        busy -= 1
        return number

    delivered: list[int] = []
    await run_in_order(iterate(items()), work, delivered.append, workers=5)
    assert most == 5
    assert delivered == list(range(1000))


async def test_async_sources_and_empty_ones() -> None:
    async def source():
        for n in range(3):
            await anyio.lowlevel.checkpoint()
            yield n

    async def work(number: int, item: int) -> int:
        return item

    delivered: list[int] = []
    await run_in_order(iterate(source()), work, delivered.append, workers=2)
    await run_in_order(iterate([]), work, delivered.append, workers=2)
    assert delivered == [0, 1, 2]


@pytest.mark.parametrize("where", ["source", "work", "deliver"])
async def test_a_failure_is_raised_plainly(where: str) -> None:
    def fail(place: str) -> None:
        if place == where:
            raise ZeroDivisionError(place)

    def source():
        yield 1
        fail("source")

    async def work(number: int, item: int) -> int:
        fail("work")
        return item

    with pytest.raises(ZeroDivisionError, match=where):
        await run_in_order(iterate(source()), work, lambda _: fail("deliver"), workers=3)


def test_a_key_belongs_to_the_first_row_that_brings_it() -> None:
    with SeenKeys() as seen:
        assert seen.claim([{"domain": "a.com"}, {"domain": "b.com"}], "line 2") is None
        assert seen.claim([{"domain": "c.com"}, {"domain": "b.com"}], "line 3") == "line 2"
        assert seen.claim([{"domain": "c.com"}], "line 4") is None
        assert seen.claim(["a.com"], 5) is None
        assert seen.claim(["x", "x"], 6) is None
