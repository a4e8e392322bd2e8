"""Order, concurrency, retries and dead letters. Time is virtual."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock
from attio_async.webhooks import Event, HandlerRetry, MemoryStore, RecordUpdated, SQLiteStore, parse
from attio_async.webhooks._dispatcher import Lanes, lanes_of

from .support import (
    PEOPLE,
    body_of,
    deliver,
    raw_event,
    raw_update,
    receiver_of,
    recording_receiver,
    uid,
)


def test_keys_in_one_lane_are_taken_together_and_later_ones_wait() -> None:
    lanes = Lanes()
    for key, lane in [("a1", "a"), ("a2", "a"), ("b1", "b")]:
        lanes.put(key, {lane})
    assert lanes.take() == ["a1", "a2"]
    lanes.put("a3", {"a"})
    assert lanes.take() == ["b1"]
    assert lanes.take() == []
    lanes.release(["a1", "a2"], ["a1"])
    assert lanes.take() == ["a2", "a3"]


def test_a_key_in_two_lanes_waits_in_both_and_blocks_both() -> None:
    lanes = Lanes()
    for key, names in [("a1", "a"), ("ab", "ab"), ("b1", "b"), ("c1", "c")]:
        lanes.put(key, set(names))
    assert lanes.take() == ["a1"]
    assert lanes.take() == ["c1"]
    assert lanes.take() == []
    lanes.release(["a1"], ["a1"])
    assert lanes.take() == ["ab"]
    lanes.release(["ab"], [])
    assert lanes.take() == ["ab"]
    lanes.release(["ab"], ["ab"])
    assert lanes.take() == ["b1"]
    lanes.release(["b1", "c1"], ["b1", "c1"])
    assert len(lanes) == 0
    assert not lanes.has_ready


def test_a_queued_key_stays_where_it_is_and_one_without_lanes_gets_its_own() -> None:
    lanes = Lanes()
    lanes.put("x", ())
    lanes.put("x", {"other"})
    assert len(lanes) == 1
    assert lanes.take() == ["x"]
    lanes.release(["x"], [])
    assert lanes.take() == ["x"]


@given(
    st.lists(st.frozensets(st.sampled_from("abc"), max_size=2), max_size=25),
    st.lists(st.integers(0, 3), max_size=60),
    st.randoms(use_true_random=False),
)
def test_every_key_is_taken_and_never_before_another_in_its_lane(lane_sets, moves, random) -> None:
    lanes, unqueued, taken, finished = Lanes(), list(enumerate(lane_sets)), [], []
    lanes_by_key = {str(place): names or {str(place)} for place, names in unqueued}

    def step(move: int) -> None:
        if move == 0 and unqueued:
            place, names = unqueued.pop(0)
            lanes.put(str(place), names)
        elif move == 1 and (keys := lanes.take()):
            others = [other for group in taken for other in group]
            assert all(not lanes_by_key[key] & lanes_by_key[other] for key in keys for other in others)
            taken.append(keys)
        elif taken:
            keys = taken.pop(random.randrange(len(taken)))
            done = keys[: random.randrange(len(keys) + 1)] if move == 2 else keys
            lanes.release(keys, done)
            finished.extend(done)

    for move in moves:
        step(move)
    while unqueued or len(lanes):
        for move in (0, 1, 3):
            step(move)
    assert sorted(finished, key=int) == sorted(lanes_by_key, key=int)
    for lane in {name for names in lanes_by_key.values() for name in names}:
        in_lane = [int(key) for key in finished if lane in lanes_by_key[key]]
        assert in_lane == sorted(in_lane)


def test_the_lanes_of_an_event_are_its_records_or_else_the_thing_itself() -> None:
    merged = raw_event(
        "record.merged",
        ids={"object_id": "o", "record_id": "a"},
        duplicate_object_id="o",
        duplicate_record_id="b",
    )
    entry = raw_event("list-entry.created", ids={"list_id": "l", "entry_id": "e"}, parent_record_id="a")
    task = raw_event("task.updated", ids={"task_id": "t"})
    lanes = [lanes_of(event) for event in parse(body_of(merged, entry, task, {"event_type": "new"}))]
    assert lanes == [{"a", "b"}, {"a"}, {"t"}, {"new"}]


def test_the_numbers_of_a_retry_are_checked() -> None:
    for wrong in ({"attempts": 0}, {"base": 0.0}, {"cap": -1.0}):
        with pytest.raises(ConfigurationError, match=f"{next(iter(wrong))} must be"):
            HandlerRetry(**wrong)
    assert [HandlerRetry(base=2.0, cap=10.0).backoff(failures) for failures in (1, 2, 3, 4, 1000)] == [
        2.0,
        4.0,
        8.0,
        10.0,
        10.0,
    ]


@pytest.mark.anyio
async def test_records_are_handled_concurrently_and_each_in_order() -> None:
    clock = VirtualClock()
    receiver, handled = receiver_of(clock=clock, concurrency=5), []

    @receiver.on(RecordUpdated)
    async def on_update(event: RecordUpdated) -> None:
        await clock.sleep(1.0)
        handled.append((event.record_id, int(event.message_id)))

    for place in range(30):
        await deliver(receiver, str(place), raw_update(place % 3))
    await receiver.drain()
    for record in range(3):
        assert [key for record_id, key in handled if record_id == uid(record)] == list(range(record, 30, 3))
    assert clock.monotonic() == 10.0


@pytest.mark.anyio
async def test_concurrency_limits_the_running_handlers() -> None:
    clock, running, most = VirtualClock(), 0, 0
    receiver = receiver_of(clock=clock, concurrency=4)

    @receiver.on()
    async def on_event(event: Event) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await clock.sleep(1.0)
        running -= 1

    for place in range(20):
        await deliver(receiver, str(place), raw_update(place))
    await receiver.drain()
    assert (most, clock.monotonic()) == (4, 5.0)


@pytest.mark.anyio
async def test_a_failing_handler_is_retried_and_others_are_not() -> None:
    clock = VirtualClock()
    receiver, calls, others = receiver_of(clock=clock, retry=HandlerRetry(attempts=5, base=2.0)), [], []

    @receiver.on(RecordUpdated)
    async def fails_three_times(event: RecordUpdated) -> None:
        calls.append((clock.monotonic(), event.message_id))
        if len(calls) <= 3:
            raise RuntimeError("not yet")

    @receiver.on(RecordUpdated)
    async def works(event: RecordUpdated) -> None:
        others.append(event.message_id)

    await deliver(receiver, "a", raw_update(1))
    await deliver(receiver, "b", raw_update(1))
    await receiver.drain()
    assert calls == [(0.0, "a"), (2.0, "a"), (6.0, "a"), (14.0, "a"), (14.0, "b")]
    assert others == ["a", "b"]
    assert receiver.pending_count == 0


@pytest.mark.anyio
async def test_a_delivery_that_keeps_failing_becomes_a_dead_letter_and_the_next_is_handled() -> None:
    receiver, calls = receiver_of(retry=HandlerRetry(attempts=3)), []

    @receiver.on(RecordUpdated)
    async def on_update(event: RecordUpdated) -> None:
        calls.append(event.message_id)
        if event.message_id == "bad" and calls.count("bad") <= 3:
            raise ValueError("cannot")

    for key in ("bad", "good"):
        await deliver(receiver, key, raw_update(1))
    await receiver.drain()
    assert calls == ["bad", "bad", "bad", "good"]
    (dead,) = await receiver.dead_letters()
    assert (dead.key, dead.attempts) == ("bad", 3)
    assert dead.reason is not None
    assert dead.reason.endswith("on_update: ValueError: cannot")
    assert await deliver(receiver, "bad", raw_update(1)) == 200
    assert not await receiver.redeliver("good")
    assert await receiver.redeliver("bad")
    await receiver.drain()
    assert calls[-1] == "bad"
    assert await receiver.dead_letters() == ()


@pytest.mark.anyio
async def test_a_delivery_fails_once_per_attempt_however_many_handlers_fail() -> None:
    receiver, calls = receiver_of(retry=HandlerRetry(attempts=2)), []
    for name in ("one", "other"):

        @receiver.on(name=name)
        async def fail(event: Event) -> None:
            calls.append(event.key)
            raise RuntimeError("never")

    await deliver(receiver, "a", raw_update())
    await receiver.drain()
    (dead,) = await receiver.dead_letters()
    assert (len(calls), dead.attempts, dead.reason) == (4, 2, "one: RuntimeError: never")


@pytest.mark.anyio
async def test_a_burst_is_handled_in_one_call() -> None:
    receiver, calls = receiver_of(), []

    @receiver.on_burst(RecordUpdated)
    async def on_updates(events: Sequence[RecordUpdated]) -> None:
        calls.append([event.message_id for event in events])
        if len(calls) == 1:
            raise RuntimeError("not yet")

    for key in "abc":
        await deliver(receiver, key, raw_update(1))
    deleted = raw_event("record.deleted", ids={"object_id": PEOPLE, "record_id": uid(1)})
    await deliver(receiver, "x", deleted)
    await deliver(receiver, "other", raw_update(2))
    await receiver.drain()
    assert sorted(calls[1:]) == [["a", "b", "c"], ["other"]]
    assert calls[0] in (["a", "b", "c"], ["other"])


@pytest.mark.anyio
async def test_each_event_of_a_delivery_is_handled_once() -> None:
    receiver, calls = receiver_of(), []

    @receiver.on()
    async def on_event(event: Event) -> None:
        calls.append(event.key)
        if calls.count("m#1") == 1 and event.index == 1:
            raise RuntimeError("not yet")

    await deliver(receiver, "m", raw_update(1), raw_update(2), raw_update(3))
    await receiver.drain()
    assert calls == ["m#0", "m#1", "m#1", "m#2"]


@pytest.mark.anyio
async def test_a_store_that_fails_while_handling_loses_nothing() -> None:
    class FailsOnce(MemoryStore):
        has_failed = False

        async def finish(self, keys):
            if not self.has_failed:
                self.has_failed = True
                raise OSError("disk full")
            await super().finish(keys)

    receiver, handled = recording_receiver(store=FailsOnce())
    await deliver(receiver, "a", raw_update())
    await receiver.drain()
    assert handled == ["a#0"]
    assert receiver.pending_count == 0


class _ReadsOnly(MemoryStore):
    """A store that reads and does not write, for a while."""

    failures = 5

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self.tried_at: list[float] = []
        self._clock = clock

    def _write(self) -> None:
        self.tried_at.append(self._clock.monotonic())
        if len(self.tried_at) <= self.failures:
            raise OSError(28, "No space left on device")

    async def save(self, delivery):
        self._write()
        await super().save(delivery)

    async def finish(self, keys):
        self._write()
        await super().finish(keys)

    async def bury(self, delivery):
        self._write()
        await super().bury(delivery)


@pytest.mark.anyio
async def test_what_is_done_and_cannot_be_recorded_is_not_done_again() -> None:
    clock = VirtualClock()
    store = _ReadsOnly(clock)
    receiver, handled = recording_receiver(store=store, clock=clock)
    await deliver(receiver, "a", raw_update(), raw_update(8))
    await receiver.drain()
    assert handled == ["a#0", "a#1"]
    pauses = [later - earlier for earlier, later in pairwise(store.tried_at[: store.failures + 1])]
    assert pauses == [1, 2, 4, 8, 16]


@pytest.mark.anyio
async def test_a_store_that_does_not_record_failures_costs_no_further_attempts() -> None:
    clock = VirtualClock()
    receiver, calls = receiver_of(store=_ReadsOnly(clock), clock=clock, retry=HandlerRetry(attempts=2)), []

    @receiver.on()
    async def on_event(event: Event) -> None:
        calls.append(event.key)
        raise RuntimeError("no")

    await deliver(receiver, "a", raw_update())
    await receiver.drain()
    assert calls == ["a#0"] * 2
    assert [dead.attempts for dead in await receiver.dead_letters()] == [2]


class _Odd(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class _Base(BaseException):
    pass


class _Cancelling(Exception):
    def __str__(self) -> str:
        raise asyncio.CancelledError


class _Text(str):
    __slots__ = ()

    def __format__(self, spec: str) -> str:
        raise RuntimeError("no format")


class _Formatting(Exception):
    def __str__(self) -> str:
        return _Text("x")


class _Closed(Exception):
    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("no attributes")


def _nested(depth: int) -> BaseException:
    error: BaseException = BaseExceptionGroup("g", [_Base()])
    for _ in range(depth):
        error = BaseExceptionGroup("g", [error])
    return error


@pytest.mark.anyio
@pytest.mark.parametrize(
    "make",
    [
        _Odd,
        lambda: _Base("x"),
        lambda: ExceptionGroup("g", [_Odd()]),
        lambda: _nested(3),
        lambda: _nested(2_000),
        _Cancelling,
        _Formatting,
        _Closed,
        StopAsyncIteration,
        lambda: ValueError("\0\ud800"),
    ],
    ids=[
        "no-text",
        "base-exception",
        "group",
        "base-group",
        "deep-group",
        "cancelling-text",
        "odd-text",
        "no-attributes",
        "stop-iteration",
        "surrogate",
    ],
)
async def test_whatever_a_handler_raises_is_a_failure_of_its_delivery(
    make: Callable[[], BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        logging.getLogger("attio_async"), "disabled", True
    )  # the runner cannot carry the surrogate
    store = SQLiteStore(tmp_path / "hooks.db")
    receiver, calls, told = receiver_of(store=store, retry=HandlerRetry(attempts=2)), [], []

    @receiver.on(name="odd")
    async def on_event(event: Event) -> None:
        calls.append(event.key)
        raise make()

    @receiver.on(name="other")
    async def other(event: Event) -> None:
        told.append(event.key)

    await deliver(receiver, "a", raw_update())
    await receiver.drain()
    assert (calls, told) == (["a#0"] * 2, ["a#0"])
    (dead,) = await receiver.dead_letters()
    assert dead.reason.startswith(f"odd: {type(make()).__name__}: ")
    await store.aclose()


@pytest.mark.parametrize("cancels", ["what it waits for", "itself"])
def test_a_cancellation_of_a_handlers_own_is_a_failure_of_its_delivery(cancels: str) -> None:
    """Taken for the dispatcher's, it would end it: deliveries would be accepted and never handled."""
    receiver, handled, was_handled = receiver_of(retry=HandlerRetry(attempts=2)), [], asyncio.Event()

    @receiver.on()
    async def on_event(event: Event) -> None:
        if event.record_id != uid(7):
            handled.append(event.record_id)
            was_handled.set()
        elif cancels == "itself":
            asyncio.current_task().cancel()
            await asyncio.sleep(1)
        else:
            waited_for = asyncio.ensure_future(asyncio.sleep(100))
            await asyncio.sleep(0)
            waited_for.cancel()
            await waited_for

    async def main() -> None:
        async with receiver:
            await deliver(receiver, "a", raw_update(7))
            while not await receiver.dead_letters():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.001)
            await deliver(receiver, "b", raw_update(8))
            await was_handled.wait()

    asyncio.run(asyncio.wait_for(main(), 10))
    assert handled == [uid(8)]


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_what_ends_the_program_is_no_failure_of_a_handler(error: BaseException) -> None:
    receiver = receiver_of()

    @receiver.on()
    async def on_event(event: Event) -> None:
        raise error

    async def main() -> None:
        await deliver(receiver, "a", raw_update())
        with pytest.raises(BaseExceptionGroup) as caught:
            await receiver.drain()
        assert caught.value.subgroup(type(error)) is not None
        assert receiver.pending_count == 1

    with suppress(SystemExit, KeyboardInterrupt):  # asyncio raises it out of the loop, too
        asyncio.run(main())
