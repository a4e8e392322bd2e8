"""The gate: order, cancellation, connections. Time is virtual."""

import anyio
import pytest

from attio_async._limits.gate import Gate, SendPermit
from attio_async._limits.limiter import TokenLimits
from attio_async.testing import VirtualClock

pytestmark = pytest.mark.anyio


class Server:
    """Responds after a while, and notes when each request came and how many were out."""

    def __init__(
        self, limiter: TokenLimits, clock: VirtualClock, *, connections: int = 50, latency: float = 0.04
    ) -> None:
        self.gate = Gate(limiter, connections, clock)
        self.limiter = limiter
        self.clock = clock
        self.latency = latency
        self.order: list[int] = []
        self.times: list[float] = []
        self.out = self.most_out = 0

    async def request(self, number: int, bucket: str = "read", rank: int = 0) -> None:
        permit = await self.gate.enter(self.limiter.lane(bucket), self.gate.position(rank))
        await self.serve(permit, number)

    async def serve(self, permit: SendPermit, number: int) -> None:
        self.order.append(number)
        self.times.append(self.clock.monotonic())
        self.out += 1
        self.most_out = max(self.most_out, self.out)
        try:
            await self.clock.sleep(self.latency)
        except BaseException:
            permit.lost()
            raise
        else:
            permit.answered()
        finally:
            self.out -= 1


def serving(*, reads: int = 100, writes: int = 25, connections: int = 50, latency: float = 0.04) -> Server:
    clock = VirtualClock()
    limiter = TokenLimits(reads=reads, writes=writes)
    return Server(limiter, clock, connections=connections, latency=latency)


async def test_a_single_request_does_not_wait() -> None:
    server = serving()
    await server.request(0)
    assert server.times == [0.0]


async def test_requests_leave_in_the_order_of_asking() -> None:
    server = serving(reads=10)
    async with anyio.create_task_group() as group:
        for number in range(60):
            group.start_soon(server.request, number)
            await anyio.lowlevel.checkpoint()
    assert server.order == sorted(server.order)
    assert len(server.order) == 60


async def test_at_most_one_request_per_connection_is_out() -> None:
    server = serving(connections=3, latency=1.0)
    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(server.request, number)
    assert server.most_out == 3


async def test_waiting_writes_do_not_delay_reads() -> None:
    server = serving(writes=1, connections=4)
    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(server.request, number, "write")
        await server.clock.sleep(0.1)
        await server.request(99)
        assert server.clock.monotonic() < 0.2


async def test_no_second_sees_more_requests_than_the_limit() -> None:
    server = serving(writes=25, latency=0.3)
    async with anyio.create_task_group() as group:
        for number in range(150):
            group.start_soon(server.request, number, "write")
    for i in range(len(server.times) - 25):
        assert server.times[i + 25] - server.times[i] >= 1.0


@pytest.mark.parametrize("ranks", [[0], [1], [0, 1]], ids=["interactive", "bulk", "both"])
@pytest.mark.parametrize("seed", range(5))
async def test_cancelled_waiters_lose_no_permit_and_no_connection(seed: int, ranks: list[int]) -> None:
    import random

    chance = random.Random(seed)
    server = serving(reads=20, connections=5, latency=0.2)
    served = 0

    async def impatient(number: int) -> None:
        nonlocal served
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(cancel_after, scope, chance.choice([0.0, 0.05, 0.2, 1.0, 1000.0]))
                await server.request(number, rank=ranks[number % len(ranks)])
                served += 1
                group.cancel_scope.cancel()

    async def cancel_after(scope: anyio.CancelScope, seconds: float) -> None:
        await server.clock.sleep(seconds)
        scope.cancel()

    async with anyio.create_task_group() as group:
        for number in range(200):
            group.start_soon(impatient, number)
    assert 0 < served < 200
    await server.clock.sleep(5)
    before = server.clock.monotonic()
    async with anyio.create_task_group() as group:
        for number in range(5):  # all five connections are free, and five permits at hand
            group.start_soon(server.request, 1000 + number)
    assert server.times[-5:] == [before] * 5


async def test_a_rate_limited_request_keeps_its_position() -> None:
    server = serving(reads=5)
    gate = server.gate
    position = gate.position()
    permit = await gate.enter(server.limiter.lane("read"), position)
    async with anyio.create_task_group() as group:
        for number in range(30):
            group.start_soon(server.request, number)
        await server.clock.sleep(0.01)
        permit.rate_limited(1.0)
        again = await gate.enter(server.limiter.lane("read"), position)
        assert len(server.order) < 10
        await server.serve(again, -1)


async def test_two_clients_share_one_limiter() -> None:
    clock = VirtualClock()
    limiter = TokenLimits(reads=10)
    servers = [Server(limiter, clock) for _ in range(2)]
    async with anyio.create_task_group() as group:
        for number in range(20):
            for server in servers:
                group.start_soon(server.request, number)
    times = sorted(servers[0].times + servers[1].times)
    assert len(times) == 40
    for i in range(30):
        assert times[i + 10] - times[i] >= 1.0


async def test_waiting_times_are_counted() -> None:
    server = serving(reads=2)
    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(server.request, number)
    reads = server.limiter.stats().reads
    assert reads.requests == 4
    assert reads.waited > 1.0
    assert reads.longest_wait <= reads.waited


@pytest.mark.parametrize("scarce", ["permits", "connections"])
async def test_bulk_work_keeps_a_twentieth_of_a_limit_that_interactive_work_uses_up(scarce: str) -> None:
    """Without a share of its own a job beside four busy writers got no permit for minutes."""
    server = serving() if scarce == "permits" else serving(reads=100_000, writes=100_000, connections=2)
    bulk_lane = "write" if scarce == "permits" else "read"
    counts = [0, 0]

    async def work(rank: int, bucket: str) -> None:
        while server.clock.monotonic() < 60:
            await server.request(0, bucket, rank)
            counts[rank] += 1

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(work, 0, "write")
        for _ in range(4):
            group.start_soon(work, 1, bulk_lane)
    assert counts[1] >= 0.045 * sum(counts)
    assert counts[0] >= 0.9 * sum(counts)
