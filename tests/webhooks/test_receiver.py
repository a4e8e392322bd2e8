"""Accepting deliveries, recovery after a restart, shutdown, and the registration of handlers. Time is virtual."""

from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from attio_async.errors import ConfigurationError
from attio_async.testing import SystemClock, VirtualClock
from attio_async.webhooks import (
    Delivery,
    Event,
    HandlerRetry,
    MemoryStore,
    RecordUpdated,
    SQLiteStore,
)

from .support import (
    SECRET,
    body_of,
    deliver,
    headers_of,
    raw_update,
    receiver_of,
    recording_receiver,
)

pytestmark = pytest.mark.anyio


async def test_a_delivery_is_accepted_before_it_is_handled() -> None:
    receiver, handled = recording_receiver()
    assert await deliver(receiver, "a", raw_update()) == 202
    assert (handled, receiver.pending_count) == ([], 1)
    await receiver.drain()
    assert (handled, receiver.pending_count) == (["a#0"], 0)


async def test_a_repeated_delivery_is_answered_and_not_handled_again() -> None:
    receiver, handled = recording_receiver()
    assert [await deliver(receiver, "a", raw_update()) for _ in range(3)] == [202, 200, 200]
    await receiver.drain()
    assert await deliver(receiver, "a", raw_update()) == 200
    await receiver.drain()
    assert handled == ["a#0"]


async def test_without_a_key_equal_deliveries_are_different_ones() -> None:
    receiver, handled = recording_receiver()
    assert [await deliver(receiver, None, raw_update()) for _ in range(2)] == [202, 202]
    await receiver.drain()
    assert len(handled) == 2


async def test_a_long_key_is_recognised_as_well() -> None:
    receiver, _ = recording_receiver()
    assert [await deliver(receiver, "k" * 5000, raw_update()) for _ in range(2)] == [202, 200]
    assert await deliver(receiver, "k" * 5001, raw_update()) == 202


async def test_a_signed_invalid_body_becomes_a_dead_letter() -> None:
    receiver, _ = recording_receiver()
    assert (await receiver.receive(headers_of(b"{", "x"), b"{")).status == 202
    (dead,) = await receiver.dead_letters()
    assert (dead.key, dead.body) == ("x", b"{")
    assert "not valid JSON" in (dead.reason or "")
    assert await receiver.redeliver("x")
    await receiver.drain()
    assert await receiver.dead_letters() == (dead,)  # no handler can take it, so it is not done
    assert receiver.pending_count == 0


async def test_a_function_that_was_taken_off_is_not_called() -> None:
    receiver, handled = recording_receiver()
    calls: list[str] = []

    @receiver.on("record.updated", name="other")
    @receiver.on_burst("record.updated", name="bursts")
    async def other(event: Event) -> None:
        calls.append("called")

    receiver.off(other)
    receiver.off(other)
    assert await deliver(receiver, "a", raw_update()) == 202
    await receiver.drain()
    assert (handled, calls, receiver.pending_count) == (["a#0"], [], 0)
    receiver.on("record.updated", name="other")(other)


async def test_the_next_process_handles_what_the_last_one_left(tmp_path: Path) -> None:
    calls: list[str] = []

    async def finishes(event: Event) -> None:
        calls.append(f"finishes {event.key}")

    async def fails(event: Event) -> None:
        calls.append(f"fails {event.key}")
        raise RuntimeError("never")

    async def works(event: Event) -> None:
        calls.append(f"works {event.key}")

    path = tmp_path / "hooks.db"
    retry = HandlerRetry(base=1000.0, cap=1000.0)
    # Virtual time would not wait for the thread that writes the file.
    first = receiver_of(store=SQLiteStore(path), retry=retry, clock=SystemClock())
    first.on(name="one")(finishes)
    first.on(name="two")(fails)
    for key in "ab":
        await deliver(first, key, raw_update(1))
    async with first:
        while len(calls) < 3:  # noqa: ASYNC110 - handlers run beside the thread that writes the file
            await anyio.sleep(0.001)
    assert calls == ["finishes a#0", "finishes b#0", "fails a#0"]
    store = SQLiteStore(path)
    second = receiver_of(store=store)
    second.on(name="one")(finishes)
    second.on(name="two")(works)
    assert await deliver(second, "b", raw_update(1)) == 200
    assert await deliver(second, "c", raw_update(1)) == 202
    await second.drain()
    assert calls[3:] == ["finishes c#0", "works a#0", "works b#0", "works c#0"]
    await store.aclose()


async def test_at_shutdown_running_handlers_finish_and_new_deliveries_are_refused() -> None:
    clock = VirtualClock()
    receiver, handled = receiver_of(clock=clock), []

    @receiver.on()
    async def on_event(event: Event) -> None:
        await clock.sleep(3.0)
        handled.append(event.message_id)

    async with anyio.create_task_group() as group, receiver:
        for key in "abc":
            await deliver(receiver, key, raw_update(1))

        async def deliver_late() -> None:
            await clock.sleep(1.0)
            assert await deliver(receiver, "late", raw_update(1)) == 503

        group.start_soon(deliver_late)
    assert handled == ["a", "b", "c"]
    assert clock.monotonic() == 9.0


async def test_shutdown_waits_no_longer_than_its_timeout() -> None:
    clock, calls, started = VirtualClock(), [], anyio.Event()
    receiver = receiver_of(clock=clock, shutdown_timeout=5.0)

    @receiver.on()
    async def on_event(event: Event) -> None:
        calls.append(event.message_id)
        started.set()
        await clock.sleep(60.0)

    async with receiver:
        await deliver(receiver, "a", raw_update(1))
        await started.wait()
    assert clock.monotonic() == 5.0
    assert receiver.pending_count == 1
    async with receiver:
        await clock.sleep(61.0)
    assert calls == ["a", "a"]
    assert receiver.pending_count == 0


async def test_an_error_within_the_context_is_raised_unchanged() -> None:
    receiver, _ = recording_receiver()
    with pytest.raises(KeyError, match="mine"):
        async with receiver:
            raise KeyError("mine")
    async with receiver:
        with pytest.raises(ConfigurationError, match="already running"):
            await receiver.__aenter__()


async def test_too_many_pending_deliveries_are_refused() -> None:
    receiver, _ = recording_receiver(max_pending=2)
    assert [await deliver(receiver, key, raw_update()) for key in "abc"] == [202, 202, 503]
    await receiver.drain()
    assert await deliver(receiver, "c", raw_update()) == 202


async def test_a_delivery_that_cannot_be_stored_is_refused() -> None:
    class FailsOnce(MemoryStore):
        has_failed = False

        async def add(self, delivery):
            if not self.has_failed:
                self.has_failed = True
                raise OSError("disk full")
            return await super().add(delivery)

    receiver, handled = recording_receiver(store=FailsOnce())
    assert [await deliver(receiver, "a", raw_update()) for _ in range(2)] == [503, 202]
    await receiver.drain()
    assert handled == ["a#0"]


async def test_a_delivery_that_was_stored_and_not_queued_is_handled_when_it_is_repeated() -> None:
    store = MemoryStore()
    receiver, handled = recording_receiver(store=store)
    await receiver.drain()
    await store.add(Delivery(key="a", body=body_of(raw_update()), received_at=0.0))
    for _ in range(2):
        assert await deliver(receiver, "a", raw_update()) == 200
        await receiver.drain()
    assert handled == ["a#0"]


async def test_a_sender_that_disconnects_leaves_nothing_half_done() -> None:
    class CancelsTheSender(MemoryStore):
        async def add(self, delivery):
            added = await super().add(delivery)
            group.cancel_scope.cancel()
            await anyio.lowlevel.checkpoint()
            return added

    receiver, handled = recording_receiver(store=CancelsTheSender())
    async with anyio.create_task_group() as group:
        await deliver(receiver, "a", raw_update())
    assert receiver.pending_count == 1
    await receiver.drain()
    assert handled == ["a#0"]


async def test_no_secret_is_shown() -> None:
    receiver, _ = recording_receiver()
    response = await receiver.receive({}, body_of(raw_update()))
    assert SECRET not in repr(receiver) + repr(response)
    assert response.status == 401


def test_options_are_checked() -> None:
    options: list[dict[str, Any]] = [
        *({"secret": ""}, {"concurrency": 0}, {"max_body": 0}, {"max_pending": 0}),
        *({"shutdown_timeout": value} for value in (-1, float("nan"), None)),
    ]
    for option in options:
        with pytest.raises(ConfigurationError, match=next(iter(option))):
            receiver_of(**option)


def test_a_handler_is_an_async_function_with_a_name_of_its_own() -> None:
    receiver = receiver_of()

    def plain(event: Event) -> None: ...

    async def handler(extra: int, event: Event) -> None: ...

    with pytest.raises(ConfigurationError, match=r"must be an async function, and .*plain is not"):
        receiver.on()(plain)
    with pytest.raises(ConfigurationError, match="no name of its own"):
        receiver.on()(partial(handler, 1))
    receiver.on(name="partial")(partial(handler, 1))
    with pytest.raises(ConfigurationError, match="another handler is named 'partial'"):
        receiver.on(RecordUpdated, name="partial")(handler)
