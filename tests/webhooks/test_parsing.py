"""Reading deliveries: all event types, batches, and what is new or missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from attio_async import ActorRef, webhooks
from attio_async.errors import InvalidDelivery
from attio_async.webhooks import (
    EVENT_CLASSES,
    Event,
    UnknownEvent,
    parse,
)
from attio_async.webhooks._parse import lanes_of
from attio_async_api.operations import WEBHOOK_EVENTS

from .support import (
    NAME,
    PEOPLE,
    WEBHOOK,
    WORKSPACE,
    body_of,
    event,
    number,
    updated,
)

API = json.loads((Path(__file__).parents[2] / "openapi" / "attio.json").read_text("utf-8"))
SCHEMAS = API["components"]["schemas"]


def described(event_type: str) -> dict[str, Any]:
    """The properties that the API's description gives an event."""
    body = API["webhooks"][event_type]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return dict(resolved(resolved(body)["properties"]["events"]["items"])["properties"])


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMAS[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def test_there_is_a_class_for_every_event_type() -> None:
    assert set(EVENT_CLASSES) == set(WEBHOOK_EVENTS) == set(API["webhooks"])
    assert len(set(EVENT_CLASSES.values())) == 34
    for cls in EVENT_CLASSES.values():
        assert getattr(webhooks, cls.__name__) is cls


@pytest.mark.parametrize("event_type", WEBHOOK_EVENTS)
def test_every_documented_id_is_a_field(event_type: str) -> None:
    properties = described(event_type)
    parts = resolved(properties.pop("id")).get("properties", {})
    expected = {name: f"{name} in id" for name in parts}
    beside = {name: f"{name} beside it" for name in properties if name not in {"event_type", "actor"}}
    (read,) = parse(body_of({"event_type": event_type, "id": expected, **beside}))
    assert type(read) is EVENT_CLASSES[event_type]
    assert {name: getattr(read, name) for name in {**expected, **beside}} == {**expected, **beside}
    if parts:
        assert read.id == expected[type(read).own]


def test_an_event_says_who_and_where() -> None:
    (read,) = parse(body_of(updated()), message_id="m1")
    assert read == webhooks.RecordUpdated(
        event_type="record.updated",
        webhook_id=WEBHOOK,
        workspace_id=WORKSPACE,
        actor=ActorRef("workspace-member", number(9)),
        ids={
            "workspace_id": WORKSPACE,
            "object_id": PEOPLE,
            "record_id": number(7),
            "attribute_id": NAME,
        },
        message_id="m1",
        object_id=PEOPLE,
        record_id=number(7),
        attribute_id=NAME,
    )
    assert read.key == "m1#0"
    assert read.raw == updated()
    assert hash(read) == hash(parse(body_of(updated()), message_id="m1")[0])


def test_batches_keep_their_order() -> None:
    read = parse(body_of(updated(1), event("task.created", ids={"task_id": "t"}), updated(2)), message_id="m")
    assert [(each.event_type, each.key) for each in read] == [
        ("record.updated", "m#0"),
        ("task.created", "m#1"),
        ("record.updated", "m#2"),
    ]


def test_what_is_newer_is_kept() -> None:
    raw = event("rocket.launched", ids={"rocket_id": "r"}, altitude=7)
    (read,) = parse(body_of(raw))
    assert type(read) is UnknownEvent
    assert (read.event_type, read.ids["rocket_id"], read.raw["altitude"]) == ("rocket.launched", "r", 7)
    assert (read.workspace_id, read.id, read.key) == (WORKSPACE, "", "")
    (known,) = parse(body_of(updated(altitude=8, actor={"type": "robot", "id": "x"})))
    assert (known.raw["altitude"], known.actor) == (8, ActorRef("robot", "x"))


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"event_type": "record.updated"},
        {"event_type": "record.updated", "id": None, "actor": None},
        {"event_type": "record.updated", "id": "text", "actor": []},
        {"event_type": "record.updated", "id": {"record_id": None}, "actor": {}},
        {"event_type": None},
        {"event_type": ["record.updated"]},
        {"event_type": "comment.created", "id": {"comment_id": 7}, "list_id": None},
    ],
)
def test_what_is_missing_or_odd_does_not_matter(raw: dict[str, Any]) -> None:
    (read,) = parse(body_of(raw))
    assert isinstance(read, Event)
    assert read.raw == raw
    assert isinstance(read.id, str)


def test_null_stays_null_where_it_is_documented() -> None:
    (read,) = parse(body_of(event("comment.created", list_id=None, entry_id=None)))
    assert isinstance(read, webhooks.CommentCreated)
    assert (read.list_id, read.entry_id) == (None, None)


@pytest.mark.parametrize("body", [b"{}", b'{"webhook_id": "w"}', b'{"events": []}', b'{"events": null}'])
def test_a_delivery_may_say_nothing(body: bytes) -> None:
    assert parse(body) == ()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'"\xff"', "not JSON"),
        (b'{"events": [', "not JSON"),
        (b"[]", "the body is a JSON object, not a list"),
        (b"null", "the body is a JSON object, not a NoneType"),
        (b'{"events": {}}', "list, not a dict"),
        (b'{"events": [1]}', "an event is a JSON object, not a int"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_delivery_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(InvalidDelivery, match=message):
        parse(body)


def test_lanes_are_the_records_concerned_or_else_the_thing_itself() -> None:
    merged = event(
        "record.merged",
        ids={"object_id": "o", "record_id": "a"},
        duplicate_object_id="o",
        duplicate_record_id="b",
    )
    entry = event("list-entry.created", ids={"list_id": "l", "entry_id": "e"}, parent_record_id="a")
    task = event("task.updated", ids={"task_id": "t"})
    lanes = [lanes_of(each) for each in parse(body_of(merged, entry, task, {"event_type": "new"}))]
    assert lanes == [{"a", "b"}, {"a"}, {"t"}, {"new"}]
