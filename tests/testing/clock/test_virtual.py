import asyncio
import math
import random
import time

import anyio
import anyio.lowlevel
import pytest

from attio_async.testing import VirtualClock, _clock

pytestmark = pytest.mark.anyio


async def test_sleeping_costs_no_real_time_and_both_clocks_move() -> None:
    clock = VirtualClock(start=1_000.0)
    began = time.perf_counter()
    await clock.sleep(3_600)
    assert clock.monotonic() == 3_600
    assert clock.time() == 4_600
    assert time.perf_counter() - began < 5


async def test_tasks_wake_in_the_order_of_their_deadlines() -> None:
    clock = VirtualClock()
    woken: list[tuple[float, float]] = []

    async def nap(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    async with anyio.create_task_group() as tasks:
        for seconds in (5, 1, 4, 2, 3):
            tasks.start_soon(nap, seconds)
    assert woken == [(s, s) for s in (1, 2, 3, 4, 5)]


async def test_time_stands_still_while_a_task_can_run() -> None:
    clock = VirtualClock()
    seen: list[float] = []

    async def busy() -> None:
        for _ in range(500):
            await anyio.lowlevel.checkpoint()
            seen.append(clock.monotonic())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clock.sleep, 1)
        tasks.start_soon(busy)
    assert seen == [0.0] * 500
    assert clock.monotonic() == 1


async def test_handing_over_between_tasks_takes_no_time() -> None:
    clock = VirtualClock()
    reached: list[float] = []
    first = anyio.Event()
    last = first

    async def link(before: anyio.Event, after: anyio.Event) -> None:
        await before.wait()
        after.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clock.sleep, 10)
        for _ in range(200):
            following = anyio.Event()
            tasks.start_soon(link, last, following)
            last = following
        await clock.sleep(3)
        first.set()
        await last.wait()
        reached.append(clock.monotonic())
    assert reached == [3]


async def test_sleepers_do_not_overtake_socket_traffic() -> None:
    clock = VirtualClock()
    got: list[tuple[bytes, float]] = []

    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            got.append((await stream.receive(), clock.monotonic()))
            await stream.send(b"pong")

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        await clock.sleep(2)
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(b"ping")
            assert await stream.receive() == b"pong"
        tasks.cancel_scope.cancel()
    await listener.aclose()
    assert got == [(b"ping", 2)]
    assert clock.monotonic() == 2


async def test_nested_sleeps_add_up() -> None:
    clock = VirtualClock()

    async def nest(depth: int) -> None:
        await clock.sleep(0.5)
        if depth:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(nest, depth - 1)
                tasks.start_soon(nest, depth - 1)

    await nest(7)
    assert clock.monotonic() == 4


async def test_a_cancelled_sleeper_does_not_stop_time() -> None:
    clock = VirtualClock()
    ended: list[float] = []

    async def worker() -> None:
        await clock.sleep(1)
        ended.append(clock.monotonic())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(worker)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await clock.sleep(100)
        assert clock.sleepers <= 1
    assert ended == [1]
    assert clock.sleepers == 0
    await clock.sleep(1)
    assert clock.monotonic() == 2


async def test_another_task_can_cancel_the_sleeper_that_drives_the_clock() -> None:
    clock = VirtualClock()
    scopes: list[anyio.CancelScope] = []

    async def long_nap() -> None:
        with anyio.CancelScope() as scope:
            scopes.append(scope)
            await clock.sleep(10)

    async with anyio.create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(long_nap)
        await clock.sleep(1)
        for scope in scopes[::2]:
            scope.cancel()
        await clock.sleep(1)
        assert clock.sleepers == 25
    assert clock.monotonic() == 10


async def test_a_shielded_sleep_ends_while_its_group_is_being_cancelled() -> None:
    clock = VirtualClock()
    cleaned: list[float] = []

    async def careful() -> None:
        try:
            await clock.sleep(100)
        finally:
            with anyio.CancelScope(shield=True):
                await clock.sleep(2)
                cleaned.append(clock.monotonic())

    async def shout() -> None:
        await clock.sleep(1)
        raise LookupError("stop")

    with pytest.raises(ExceptionGroup):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(careful)
            tasks.start_soon(shout)
    assert cleaned == [3]


async def test_a_shielded_sleep_ends_inside_a_cancelled_scope() -> None:
    clock = VirtualClock()
    with anyio.CancelScope() as scope:
        scope.cancel()
        with anyio.CancelScope(shield=True):
            await clock.sleep(2)
        await clock.sleep(5)
    assert clock.monotonic() == 2


async def test_thousands_of_cancelled_sleeps_leave_nothing_behind() -> None:
    clock = VirtualClock()
    for _ in range(3_000):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await clock.sleep(60)
    await clock.sleep(1)
    assert clock.sleepers == 0
    assert clock.monotonic() == 1


async def test_many_tasks_with_many_requests_are_exact() -> None:
    clock = VirtualClock()
    ends: list[float] = []

    async def worker(number: int) -> None:
        for _ in range(50):
            await clock.sleep(0.25 + number)
        ends.append(clock.monotonic())

    async with anyio.create_task_group() as tasks:
        for number in range(100):
            tasks.start_soon(worker, number)
    assert ends == [50 * (0.25 + number) for number in range(100)]


@pytest.mark.parametrize("seed", range(5))
async def test_every_other_sleeper_wakes_at_the_exact_moment(seed: int) -> None:
    clock, dice = VirtualClock(), random.Random(seed)
    late: list[float] = []
    finished = 0

    async def sleeper() -> None:
        nonlocal finished
        for _ in range(10):
            wanted, patience = dice.randrange(100) / 8, dice.randrange(150) / 8
            start = clock.monotonic()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(impatient, tasks.cancel_scope, patience)
                await clock.sleep(wanted)
                late.append(clock.monotonic() - start - wanted)
                finished += 1
                tasks.cancel_scope.cancel()

    async def impatient(scope: anyio.CancelScope, patience: float) -> None:
        await clock.sleep(patience)
        scope.cancel()

    async with anyio.create_task_group() as tasks:
        for _ in range(60):
            tasks.start_soon(sleeper)
    assert set(late) == {0.0}
    assert finished > 100
    assert finished < 600
    assert clock.sleepers == 0


async def test_zero_and_negative_sleeps_are_checkpoints() -> None:
    clock = VirtualClock()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await clock.sleep(0)
        pytest.fail("a cancelled task must not get past a checkpoint")
    await clock.sleep(-1)
    assert clock.monotonic() == 0


async def test_an_endless_sleep_can_only_be_cancelled() -> None:
    clock = VirtualClock()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(clock.sleep, math.inf)
        await clock.sleep(5)
        tasks.cancel_scope.cancel()
    assert clock.monotonic() == 5


async def test_two_clocks_in_one_event_loop_run_independently() -> None:
    fast, slow = VirtualClock(), VirtualClock()

    async def nap(clock: VirtualClock, seconds: float) -> None:
        for _ in range(20):
            await clock.sleep(seconds)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(nap, fast, 1)
        tasks.start_soon(nap, slow, 100)
    assert (fast.monotonic(), slow.monotonic()) == (20, 2000)


async def test_time_can_be_advanced_by_hand() -> None:
    clock = VirtualClock()
    woken: list[float] = []

    async def nap() -> None:
        await clock.sleep(5)
        woken.append(clock.monotonic())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(nap)
        while not clock.sleepers:
            await anyio.lowlevel.checkpoint()
        clock.advance(7)
    assert woken == [7]


@pytest.mark.parametrize("seconds", [-1, math.inf, math.nan])
def test_negative_and_infinite_advances_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        VirtualClock().advance(seconds)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_one_clock_serves_one_event_loop_after_another(backend: str) -> None:
    clock = VirtualClock()
    for _ in range(3):
        anyio.run(clock.sleep, 2, backend=backend)
    assert clock.monotonic() == 6


def test_two_live_event_loops_cannot_share_a_clock() -> None:
    clock = VirtualClock()
    one, two = asyncio.new_event_loop(), asyncio.new_event_loop()
    try:
        task = one.create_task(clock.sleep(5))
        one.run_until_complete(asyncio.sleep(0))
        with pytest.raises(RuntimeError, match="another event loop"):
            two.run_until_complete(clock.sleep(1))
        one.run_until_complete(task)
    finally:
        one.close()
        two.close()


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_loops_without_a_visible_queue_are_supported(
    monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    def hidden(_: asyncio.AbstractEventLoop) -> None:
        return None

    monkeypatch.setattr(_clock, "ready_queue", hidden)
    monkeypatch.setattr(_clock, "_watches", {})
    clock = VirtualClock()
    seen: list[float] = []

    async def busy() -> None:
        for _ in range(40):
            await anyio.lowlevel.checkpoint()
        seen.append(clock.monotonic())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(busy)
        tasks.start_soon(clock.sleep, 1)
    assert seen == [0]
    assert clock.monotonic() == 1
