"""The events that a handler receives: by type, slug, condition and actor; and the records read for it."""

from collections.abc import Sequence

import pytest

from attio_async.errors import ConfigurationError, UnknownName
from attio_async.webhooks import Event, RecordEvent, RecordUpdated

from ..support import Scripted, error
from .support import NAME, PEOPLE, deliver, raw_event, raw_update, receiver_of, uid

pytestmark = pytest.mark.anyio


async def test_a_handler_receives_the_events_that_match() -> None:
    receiver, received = receiver_of(), []
    other = uid(99)

    def handler(name: str):
        async def handle(event: Event) -> None:
            received.append((name, event.event_type))

        return handle

    receiver.on(name="all")(handler("all"))
    receiver.on("record.updated", "task.created", name="types")(handler("types"))
    receiver.on(RecordEvent, name="class")(handler("class"))
    receiver.on("record.updated", object=PEOPLE.upper(), attribute=NAME, name="ids")(handler("ids"))
    receiver.on("record.updated", object=other, name="other object")(handler("other object"))
    receiver.on("record.updated", attribute=other, name="other attribute")(handler("other attribute"))
    receiver.on(list=other, name="other list")(handler("other list"))
    receiver.on(RecordUpdated, where=lambda e: e.record_id == uid(7), name="true")(handler("true"))
    receiver.on(RecordUpdated, where=lambda e: e.record_id == uid(8), name="false")(handler("false"))
    await deliver(receiver, "1", raw_update(7))
    await receiver.drain()
    assert sorted(name for name, _ in received) == ["all", "class", "ids", "true", "types"]
    received.clear()
    await deliver(receiver, "2", raw_event("task.created", ids={"task_id": "t"}))
    await receiver.drain()
    assert received == [("all", "task.created"), ("types", "task.created")]


async def test_a_slug_is_looked_up_once() -> None:
    scripted = Scripted()
    receiver, received = receiver_of(attio=scripted.attio), []
    ids = {"workspace_id": uid(1), "object_id": PEOPLE}
    objects = scripted.router.get("/v2/objects/people").respond(
        json={"data": {"id": ids, "api_slug": "people"}}
    )
    attributes = scripted.router.get("/v2/objects/people/attributes").respond(
        json={"data": [{"id": ids | {"attribute_id": NAME}, "api_slug": "name", "type": "personal-name"}]}
    )

    @receiver.on("record.updated", object="people", attribute="name")
    async def on_update(event: RecordUpdated) -> None:
        received.append(event.message_id)

    await deliver(receiver, "a", raw_update(1))
    await deliver(receiver, "b", raw_update(1, attribute=uid(98)))
    await deliver(receiver, "c", raw_update(2))
    await receiver.drain()
    assert sorted(received) == ["a", "c"]
    assert (objects.call_count, attributes.call_count) == (1, 1)
    await scripted.attio.aclose()


async def test_the_slugs_of_a_list_and_its_attributes_are_looked_up() -> None:
    scripted = Scripted()
    receiver, received = receiver_of(attio=scripted.attio), []
    scripted.router.get("/v2/lists/sales").respond(
        json={"data": {"id": {"list_id": uid(5)}, "api_slug": "sales"}}
    )
    scripted.router.get("/v2/lists/sales/attributes").respond(
        json={"data": [{"id": {"attribute_id": uid(6)}, "api_slug": "stage", "type": "status"}]}
    )

    @receiver.on("list-entry.updated", list="sales", attribute="stage")
    async def on_update(event: Event) -> None:
        received.append(event.message_id)

    for key, list_id, attribute_id in (("a", uid(5), uid(6)), ("b", uid(5), NAME), ("c", uid(8), uid(6))):
        ids = {"list_id": list_id, "entry_id": uid(7), "attribute_id": attribute_id}
        await deliver(receiver, key, raw_event("list-entry.updated", ids=ids))
    await receiver.drain()
    assert received == ["a"]
    await scripted.attio.aclose()


class People(Scripted):
    """A workspace with one person, number 1, which counts how often that is read."""

    def __init__(self) -> None:
        super().__init__()
        self.router.get(f"/v2/objects/{PEOPLE}/attributes").respond(json={"data": []})
        path = f"/v2/objects/{PEOPLE}/records"
        self.person = self.router.get(f"{path}/{uid(1)}").respond(
            json={"data": {"id": {"record_id": uid(1)}, "values": {}}}
        )
        self.router.get(f"{path}/{uid(2)}").mock(
            return_value=error(404, "invalid_request_error", "not_found")
        )


async def test_a_record_is_read_once_for_a_burst_and_none_is_given_if_it_is_gone() -> None:
    people = People()
    receiver, received = receiver_of(attio=people.attio), []

    @receiver.on_burst(RecordUpdated, hydrate=True)
    async def on_updates(events: Sequence[RecordUpdated]) -> None:
        received.append([event.record.id if event.record is not None else None for event in events])

    for place, record in enumerate((1, 1, 1, 2)):
        await deliver(receiver, str(place), raw_update(record))
    await receiver.drain()
    assert sorted(received, key=len) == [[None], [uid(1)] * 3]
    assert people.person.call_count == 1
    await people.attio.aclose()


async def test_a_record_is_read_once_for_all_pending_events_and_handlers() -> None:
    people = People()
    receiver, received = receiver_of(attio=people.attio), []

    @receiver.on(RecordUpdated, hydrate=True, name="one")
    @receiver.on(RecordUpdated, hydrate=True, name="other")
    async def on_update(event: RecordUpdated) -> None:
        received.append(event.record.id if event.record is not None else None)

    await deliver(receiver, "a", raw_update(1), raw_update(1))
    await deliver(receiver, "b", raw_update(1))
    await receiver.drain()
    assert (received, people.person.call_count) == ([uid(1)] * 6, 1)
    await deliver(receiver, "c", raw_update(1))
    await receiver.drain()
    assert people.person.call_count == 2
    await people.attio.aclose()


async def test_events_that_the_app_caused_can_be_ignored() -> None:
    scripted = Scripted()
    scripted.router.get("/v2/self").respond(json={"active": True, "client_id": uid(70)})
    receiver, received = receiver_of(attio=scripted.attio, own_actors=[uid(71)]), []

    @receiver.on(ignore_self=True)
    async def on_event(event: Event) -> None:
        received.append(event.message_id)

    for key, actor in [
        ("app", {"type": "app", "id": uid(70)}),
        ("token", {"type": "api-token", "id": uid(71)}),
        ("other", {"type": "api-token", "id": uid(72)}),
        ("system", {"type": "system", "id": None}),
    ]:
        await deliver(receiver, key, raw_update(1, actor=actor))
    await receiver.drain()
    assert received == ["other", "system"]
    await scripted.attio.aclose()


def test_a_handler_whose_events_cannot_be_recognised_is_refused() -> None:
    receiver = receiver_of()

    async def handle(event: Event) -> None: ...

    for options, message in [
        ({"object": "people"}, "'people' cannot be looked up without a client"),
        ({"attribute": "name"}, "could be any object's: give object= or list="),
        ({"hydrate": True}, "hydrate=True needs a client"),
        ({"ignore_self": True}, "give own_actors= or attio="),
    ]:
        with pytest.raises(ConfigurationError, match=message):
            receiver.on(**options)(handle)


def test_an_unknown_event_type_is_refused_with_similar_ones() -> None:
    async def handle(event: Event) -> None: ...

    with pytest.raises(UnknownName, match=r"record\.updated"):
        receiver_of().on("record.update")(handle)
