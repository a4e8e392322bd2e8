"""Outcomes are delivered in the order of their rows."""

import random

import anyio
import pytest

from attio_async.bulk._write.report import OutcomeQueue

pytestmark = pytest.mark.anyio


async def test_outcomes_are_delivered_in_order() -> None:
    from attio_async import Outcome

    given: list[int] = []
    delivery = OutcomeQueue(lambda outcome: given.append(outcome.index), room=50, in_order=True)
    indices = list(range(50))
    for index in indices:
        await delivery.announce(index)
    random.Random(3).shuffle(indices)
    for index in indices:
        delivery.end(index, None if index == 7 else Outcome(index, index, "created"))
    assert given == [index for index in range(50) if index != 7]


async def test_a_row_waits_for_room() -> None:
    delivery = OutcomeQueue(lambda _: None, room=2, in_order=True)
    await delivery.announce(0)
    await delivery.announce(1)
    with anyio.move_on_after(0.01):
        await delivery.announce(2)
        pytest.fail("it is full")
    delivery.end(0, None)
    with anyio.fail_after(1):
        await delivery.announce(2)
