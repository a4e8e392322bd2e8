"""Handling: order, retries, dead letters, duplicates, recovery, shutdown. Time is virtual."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from attio_async._utils.clock import SystemClock
from attio_async.errors import ConfigurationError, UnknownName
from attio_async.testing import VirtualClock
from attio_async.webhooks import (
    Delivery,
    Event,
    HandlerRetry,
    MemoryStore,
    RecordEvent,
    RecordUpdated,
    SQLiteStore,
    WebhookReceiver,
)

from ..support import Scripted
from .support import (
    NAME,
    PEOPLE,
    SECRET,
    body_of,
    deliver,
    event,
    headers_of,
    number,
    updated,
)

pytestmark = pytest.mark.anyio


def receiver_of(**options: Any) -> WebhookReceiver:
    return WebhookReceiver(**{"secret": SECRET, "clock": VirtualClock()} | options)


async def test_what_matches_is_told() -> None:
    receiver, told = receiver_of(), []
    other = number(99)

    def telling(name: str):
        async def handler(event: Event) -> None:
            told.append((name, event.event_type))

        return handler

    receiver.on(name="all")(telling("all"))
    receiver.on("record.updated", "task.created", name="types")(telling("types"))
    receiver.on(RecordEvent, name="class")(telling("class"))
    receiver.on("record.updated", object=PEOPLE.upper(), attribute=NAME, name="mine")(telling("mine"))
    receiver.on("record.updated", object=other, name="other object")(telling("other object"))
    receiver.on("record.updated", attribute=other, name="other attribute")(telling("other attribute"))
    receiver.on(list=other, name="other list")(telling("other list"))
    receiver.on(RecordUpdated, where=lambda e: e.record_id == number(7), name="true")(telling("true"))
    receiver.on(RecordUpdated, where=lambda e: e.record_id == number(8), name="false")(telling("false"))
    assert await deliver(receiver, "1", updated(7)) == 202
    assert told == []
    await receiver.drain()
    assert sorted(name for name, _ in told) == ["all", "class", "mine", "true", "types"]
    told.clear()
    await deliver(receiver, "2", event("task.created", ids={"task_id": "t"}))
    await receiver.drain()
    assert told == [("all", "task.created"), ("types", "task.created")]


async def test_a_delivery_that_comes_again_is_answered_and_not_handled_again() -> None:
    receiver, told = receiver_of(), []

    @receiver.on(RecordUpdated)
    async def handler(event: RecordUpdated) -> None:
        told.append(event.key)

    assert [await deliver(receiver, "a", updated()) for _ in range(3)] == [202, 200, 200]
    await receiver.drain()
    assert await deliver(receiver, "a", updated()) == 200
    await receiver.drain()
    assert told == ["a#0"]
    # Without a key nothing says that equal deliveries are one.
    for _ in range(2):
        assert await deliver(receiver, None, updated()) == 202
    assert await deliver(receiver, "k" * 5000, updated()) == 202
    assert await deliver(receiver, "k" * 5000, updated()) == 200
    await receiver.drain()
    assert len(told) == 4


async def test_records_are_handled_side_by_side_and_each_in_order() -> None:
    clock = VirtualClock()
    receiver, told = receiver_of(clock=clock, concurrency=5), []

    @receiver.on(RecordUpdated)
    async def handler(event: RecordUpdated) -> None:
        await clock.sleep(1.0)
        told.append((clock.monotonic(), event.record_id, event.message_id))

    for place in range(30):
        await deliver(receiver, str(place), updated(place % 3))
    await receiver.drain()
    for record in range(3):
        mine = [int(key) for _, record_id, key in told if record_id == number(record)]
        assert mine == list(range(record, 30, 3))
    assert clock.monotonic() == 10.0


async def test_no_more_run_side_by_side_than_wanted() -> None:
    clock, running, most = VirtualClock(), 0, 0
    receiver = receiver_of(clock=clock, concurrency=4)

    @receiver.on()
    async def handler(event: Event) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await clock.sleep(1.0)
        running -= 1

    for place in range(20):
        await deliver(receiver, str(place), updated(place))
    await receiver.drain()
    assert (most, clock.monotonic()) == (4, 5.0)


async def test_a_failing_handler_is_told_again_and_others_are_not() -> None:
    clock = VirtualClock()
    receiver, told, fine = receiver_of(clock=clock, retry=HandlerRetry(attempts=5, base=2.0)), [], []

    @receiver.on(RecordUpdated)
    async def fails_three_times(event: RecordUpdated) -> None:
        told.append((clock.monotonic(), event.message_id))
        if len(told) <= 3:
            raise RuntimeError("not yet")

    @receiver.on(RecordUpdated)
    async def works(event: RecordUpdated) -> None:
        fine.append(event.message_id)

    await deliver(receiver, "a", updated(1))
    await deliver(receiver, "b", updated(1))
    await receiver.drain()
    assert told == [(0.0, "a"), (2.0, "a"), (6.0, "a"), (14.0, "a"), (14.0, "b")]
    assert fine == ["a", "b"]
    assert receiver.waiting == 0


async def test_what_keeps_failing_becomes_a_dead_letter_and_the_rest_goes_on() -> None:
    receiver, told = receiver_of(retry=HandlerRetry(attempts=3)), []

    @receiver.on(RecordUpdated)
    async def handler(event: RecordUpdated) -> None:
        told.append(event.message_id)
        if event.message_id == "bad" and told.count("bad") <= 3:
            raise ValueError("cannot")

    for key in ("bad", "good"):
        await deliver(receiver, key, updated(1))
    await receiver.drain()
    assert told == ["bad", "bad", "bad", "good"]
    (dead,) = await receiver.dead_letters()
    assert (dead.key, dead.attempts) == ("bad", 3)
    assert dead.reason is not None
    assert dead.reason.endswith("handler: ValueError: cannot")
    assert await deliver(receiver, "bad", updated(1)) == 200
    assert not await receiver.redeliver("good")
    assert await receiver.redeliver("bad")
    await receiver.drain()
    assert told[-1] == "bad"
    assert await receiver.dead_letters() == ()


async def test_a_signed_body_that_cannot_be_read_is_kept_as_a_dead_letter() -> None:
    receiver = receiver_of()
    answer = await receiver.receive(headers_of(b"{", "x"), b"{")
    assert answer.status == 202
    (dead,) = await receiver.dead_letters()
    assert (dead.key, dead.body) == ("x", b"{")
    assert "not JSON" in (dead.reason or "")


async def test_a_burst_is_told_together() -> None:
    receiver, told = receiver_of(), []

    @receiver.on_burst(RecordUpdated)
    async def handler(events: Sequence[RecordUpdated]) -> None:
        told.append([event.message_id for event in events])
        if len(told) == 1:
            raise RuntimeError("not yet")

    for key in "abc":
        await deliver(receiver, key, updated(1))
    await deliver(receiver, "x", event("record.deleted", ids={"object_id": PEOPLE, "record_id": number(1)}))
    await deliver(receiver, "other", updated(2))
    await receiver.drain()
    assert sorted(told[1:]) == [["a", "b", "c"], ["other"]]
    assert told[0] in (["a", "b", "c"], ["other"])


async def test_a_batch_is_one_delivery_of_which_each_event_is_done_once() -> None:
    receiver, told = receiver_of(), []

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)
        if told.count("m#1") == 1 and event.index == 1:
            raise RuntimeError("not yet")

    await deliver(receiver, "m", updated(1), updated(2), updated(3))
    await receiver.drain()
    assert told == ["m#0", "m#1", "m#1", "m#2"]


async def test_what_a_process_left_is_handled_by_the_next(tmp_path: Path) -> None:
    path, told = tmp_path / "hooks.db", []

    async def done(event: Event) -> None:
        told.append(f"done {event.key}")

    async def fails(event: Event) -> None:
        told.append(f"fails {event.key}")
        raise RuntimeError("never")

    async def works(event: Event) -> None:
        told.append(f"works {event.key}")

    first_store = SQLiteStore(path)
    first = receiver_of(
        store=first_store, retry=HandlerRetry(base=1000.0, cap=1000.0), clock=SystemClock()
    )  # a virtual clock would not wait for the file
    first.on(name="one")(done)
    first.on(name="two")(fails)
    for key in "ab":
        await deliver(first, key, updated(1))
    async with first:
        while len(told) < 3:  # noqa: ASYNC110 - the handlers run beside the file's thread
            await anyio.sleep(0.001)
    assert told == ["done a#0", "done b#0", "fails a#0"]
    second = receiver_of(store=SQLiteStore(path))
    second.on(name="one")(done)
    second.on(name="two")(works)
    assert await deliver(second, "b", updated(1)) == 200
    assert await deliver(second, "c", updated(1)) == 202
    await second.drain()
    assert told[3:] == ["done c#0", "works a#0", "works b#0", "works c#0"]
    await second._store.aclose()


async def test_in_the_end_what_runs_may_finish_and_nothing_new_is_taken() -> None:
    clock, told = VirtualClock(), []
    receiver = receiver_of(clock=clock)

    @receiver.on()
    async def handler(event: Event) -> None:
        await clock.sleep(3.0)
        told.append(event.message_id)

    async with anyio.create_task_group() as group, receiver:
        for key in "abc":
            await deliver(receiver, key, updated(1))

        async def late() -> None:
            await clock.sleep(1.0)
            assert await deliver(receiver, "late", updated(1)) == 503

        group.start_soon(late)
    assert told == ["a", "b", "c"]
    assert clock.monotonic() == 9.0


async def test_in_the_end_nobody_waits_for_ever() -> None:
    clock, told, started = VirtualClock(), [], anyio.Event()
    receiver = receiver_of(clock=clock, shutdown_timeout=5.0)

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.message_id)
        started.set()
        await clock.sleep(60.0)

    async with receiver:
        await deliver(receiver, "a", updated(1))
        await started.wait()
    assert clock.monotonic() == 5.0
    assert receiver.waiting == 1
    async with receiver:
        await clock.sleep(61.0)
    assert told == ["a", "a"]
    assert receiver.waiting == 0


async def test_an_error_of_the_application_comes_through_as_it_is() -> None:
    receiver = receiver_of()
    with pytest.raises(KeyError, match="mine"):
        async with receiver:
            raise KeyError("mine")
    async with receiver:
        with pytest.raises(ConfigurationError, match="runs already"):
            await receiver.__aenter__()


async def test_a_full_house_sends_attio_away() -> None:
    receiver = receiver_of(max_pending=2)
    assert [await deliver(receiver, key, updated()) for key in "abc"] == [202, 202, 503]
    await receiver.drain()
    assert await deliver(receiver, "c", updated()) == 202


async def test_a_store_that_fails_sends_attio_away_and_loses_nothing() -> None:
    class Shaky(MemoryStore):
        failures = 1

        def check(self) -> None:
            self.failures -= 1
            if self.failures >= 0:
                raise OSError("disk full")

        async def add(self, delivery):
            self.check()
            return await super().add(delivery)

        async def finish(self, keys):
            self.check()
            await super().finish(keys)

    store, told = Shaky(), []
    receiver = receiver_of(store=store)

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    assert await deliver(receiver, "a", updated()) == 503
    assert await deliver(receiver, "a", updated()) == 202
    store.failures = 1
    await receiver.drain()
    assert told == ["a#0", "a#0"]
    assert receiver.waiting == 0


async def test_names_are_looked_up_once() -> None:
    scripted = Scripted()
    receiver, told = receiver_of(attio=scripted.attio), []
    identity = {"workspace_id": number(1), "object_id": PEOPLE}
    objects = scripted.router.get("/v2/objects/people").respond(
        json={"data": {"id": identity, "api_slug": "people"}}
    )
    attributes = scripted.router.get("/v2/objects/people/attributes").respond(
        json={
            "data": [{"id": identity | {"attribute_id": NAME}, "api_slug": "name", "type": "personal-name"}]
        }
    )

    @receiver.on("record.updated", object="people", attribute="name")
    async def handler(event: RecordUpdated) -> None:
        told.append(event.message_id)

    await deliver(receiver, "a", updated(1))
    await deliver(receiver, "b", updated(1, attribute=number(98)))
    await deliver(receiver, "c", updated(2))
    await receiver.drain()
    assert sorted(told) == ["a", "c"]
    assert (objects.call_count, attributes.call_count) == (1, 1)
    await scripted.attio.aclose()


async def test_the_record_is_read_once_for_a_burst_and_may_be_gone() -> None:
    scripted = Scripted()
    receiver, told = receiver_of(attio=scripted.attio), []
    scripted.router.get(f"/v2/objects/{PEOPLE}/attributes").respond(json={"data": []})
    there = scripted.router.get(f"/v2/objects/{PEOPLE}/records/{number(1)}").respond(
        json={"data": {"id": {"record_id": number(1)}, "values": {}}}
    )
    gone = {"status_code": 404, "type": "invalid_request_error", "code": "not_found", "message": "No."}
    scripted.router.get(f"/v2/objects/{PEOPLE}/records/{number(2)}").mock(
        return_value=httpx.Response(404, json=gone)
    )

    @receiver.on_burst(RecordUpdated, hydrate=True)
    async def handler(events: Sequence[RecordUpdated]) -> None:
        told.append([event.record.id if event.record is not None else None for event in events])

    for place, record in enumerate((1, 1, 1, 2)):
        await deliver(receiver, str(place), updated(record))
    await receiver.drain()
    assert sorted(told, key=len) == [[None], [number(1)] * 3]
    assert there.call_count == 1
    await scripted.attio.aclose()


async def test_the_record_is_read_once_for_all_that_waits_however_many_are_told() -> None:
    scripted = Scripted()
    receiver, told = receiver_of(attio=scripted.attio), []
    scripted.router.get(f"/v2/objects/{PEOPLE}/attributes").respond(json={"data": []})
    there = scripted.router.get(f"/v2/objects/{PEOPLE}/records/{number(1)}").respond(
        json={"data": {"id": {"record_id": number(1)}, "values": {}}}
    )

    @receiver.on(RecordUpdated, hydrate=True, name="one")
    @receiver.on(RecordUpdated, hydrate=True, name="other")
    async def handler(event: RecordUpdated) -> None:
        told.append(event.record.id if event.record is not None else None)

    await deliver(receiver, "a", updated(1), updated(1))
    await deliver(receiver, "b", updated(1))
    await receiver.drain()
    assert (told, there.call_count) == ([number(1)] * 6, 1)
    await deliver(receiver, "c", updated(1))
    await receiver.drain()
    assert there.call_count == 2
    await scripted.attio.aclose()


async def test_what_the_app_did_itself_can_be_left_out() -> None:
    scripted = Scripted()
    scripted.router.get("/v2/self").respond(json={"active": True, "client_id": number(70)})
    receiver, told = receiver_of(attio=scripted.attio, own_actors=[number(71)]), []

    @receiver.on(ignore_self=True)
    async def handler(event: Event) -> None:
        told.append(event.message_id)

    for key, actor in [
        ("app", {"type": "app", "id": number(70)}),
        ("token", {"type": "api-token", "id": number(71)}),
        ("other", {"type": "api-token", "id": number(72)}),
        ("system", {"type": "system", "id": None}),
    ]:
        await deliver(receiver, key, updated(1, actor=actor))
    await receiver.drain()
    assert told == ["other", "system"]
    await scripted.attio.aclose()


@pytest.mark.parametrize(
    ("types", "wanted", "message"),
    [
        ((), {"object": "people"}, "give attio= to look up 'people'"),
        ((), {"attribute": "name"}, "say the object or list"),
        ((), {"hydrate": True}, "give attio= to read records"),
        ((), {"ignore_self": True}, "give own_actors="),
        ((), {"name": "taken"}, "called 'taken' already"),
    ],
)
async def test_what_cannot_work_is_refused_at_once(types, wanted, message: str) -> None:
    receiver = receiver_of()

    async def handler(event: Event) -> None: ...

    receiver.on(name="taken")(handler)
    with pytest.raises(ConfigurationError, match=message):
        receiver.on(*types, **wanted)(handler)


async def test_unknown_event_types_are_refused_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="record\\.updated"):
        receiver_of().on("record.update")


@pytest.mark.parametrize("option", [{"secret": ""}, {"concurrency": 0}, {"max_body": 0}, {"max_pending": 0}])
async def test_options_are_checked(option: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        receiver_of(**option)
    for wrong in ({"attempts": 0}, {"base": 0.0}, {"cap": -1.0}):
        with pytest.raises(ConfigurationError):
            HandlerRetry(**wrong)


async def test_handlers_are_async_and_have_names() -> None:
    receiver = receiver_of()

    def plain(event: Event) -> None: ...

    async def handler(extra: int, event: Event) -> None: ...

    with pytest.raises(ConfigurationError, match=r"async function, and .*plain is not"):
        receiver.on()(plain)
    with pytest.raises(ConfigurationError, match="has no name"):
        receiver.on()(partial(handler, 1))
    receiver.on(name="partial")(partial(handler, 1))


async def test_what_was_kept_without_getting_further_is_handled_when_it_comes_again() -> None:
    store, told = MemoryStore(), []
    receiver = receiver_of(store=store)

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    await receiver.drain()
    await store.add(Delivery(key="a", body=body_of(updated()), received_at=0.0))
    assert await deliver(receiver, "a", updated()) == 200
    await receiver.drain()
    assert await deliver(receiver, "a", updated()) == 200
    await receiver.drain()
    assert told == ["a#0"]


async def test_a_sender_that_goes_away_leaves_nothing_half_done() -> None:
    class Slow(MemoryStore):
        async def add(self, delivery):
            added = await super().add(delivery)
            group.cancel_scope.cancel()
            await anyio.lowlevel.checkpoint()
            return added

    receiver, told = receiver_of(store=Slow()), []

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    async with anyio.create_task_group() as group:
        await deliver(receiver, "a", updated())
    assert receiver.waiting == 1
    await receiver.drain()
    assert told == ["a#0"]


async def test_nothing_secret_is_shown() -> None:
    receiver = receiver_of()
    answer = await receiver.receive({}, body_of(updated()))
    assert SECRET not in repr(receiver) + repr(answer)
    assert answer.status == 401
