"""Parsing deliveries: all event types, several events, and what is new or missing."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from attio_async import ActorRef, webhooks
from attio_async.errors import InvalidDelivery
from attio_async.webhooks import EVENT_CLASSES, Event, UnknownEvent, WebhookReceiver, parse
from attio_async_api.operations import WEBHOOK_EVENTS

from .support import MEMBER, NAME, PEOPLE, WEBHOOK, WORKSPACE, body_of, raw_event, raw_update, uid

API = json.loads((Path(__file__).parents[2] / "openapi" / "attio.json").read_text("utf-8"))
SCHEMAS = API["components"]["schemas"]


def documented_properties(event_type: str) -> dict[str, Any]:
    """Return the properties that the API's description gives an event."""
    body = API["webhooks"][event_type]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return dict(resolved(resolved(body)["properties"]["events"]["items"])["properties"])


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMAS[schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema


def test_every_event_type_has_a_public_class_of_its_own() -> None:
    assert set(EVENT_CLASSES) == set(WEBHOOK_EVENTS) == set(API["webhooks"])
    assert len(set(EVENT_CLASSES.values())) == 34
    assert [cls for cls in EVENT_CLASSES.values() if getattr(webhooks, cls.__name__) is not cls] == []


def test_every_documented_id_is_a_field() -> None:
    misread = {}
    for event_type in WEBHOOK_EVENTS:
        properties = documented_properties(event_type)
        parts = resolved(properties.pop("id")).get("properties", {})
        ids = {name: f"{name} in id" for name in parts}
        fields = {name: f"{name} beside it" for name in properties if name not in {"event_type", "actor"}}
        (event,) = parse(body_of({"event_type": event_type, "id": ids, **fields}))
        found = {name: getattr(event, name, None) for name in {**ids, **fields}}
        if found != {**ids, **fields} or type(event) is not EVENT_CLASSES[event_type]:
            misread[event_type] = event
        elif parts and event.id != ids[event.id_field]:
            misread[event_type] = event.id
    assert misread == {}


def test_an_event_has_its_actor_and_its_ids() -> None:
    (event,) = parse(body_of(raw_update()), message_id="m1")
    assert event == webhooks.RecordUpdated(
        event_type="record.updated",
        webhook_id=WEBHOOK,
        workspace_id=WORKSPACE,
        actor=ActorRef("workspace-member", MEMBER),
        ids={"workspace_id": WORKSPACE, "object_id": PEOPLE, "record_id": uid(7), "attribute_id": NAME},
        message_id="m1",
        object_id=PEOPLE,
        record_id=uid(7),
        attribute_id=NAME,
    )
    assert event.key == "m1#0"
    assert event.raw == raw_update()
    assert hash(event) == hash(parse(body_of(raw_update()), message_id="m1")[0])
    assert repr(event).startswith("RecordUpdated(event_type='record.updated', ")


def test_an_event_is_frozen_and_differs_from_one_of_another_type() -> None:
    created, deleted = (webhooks.RecordCreated(event_type="x"), webhooks.RecordDeleted(event_type="x"))
    assert created != deleted
    with pytest.raises(AttributeError):
        created.record_id = "other"  # type: ignore[misc]


def test_several_events_keep_their_order() -> None:
    task = raw_event("task.created", ids={"task_id": "t"})
    events = parse(body_of(raw_update(1), task, raw_update(2)), message_id="m")
    assert [(event.event_type, event.key) for event in events] == [
        ("record.updated", "m#0"),
        ("task.created", "m#1"),
        ("record.updated", "m#2"),
    ]


def test_unknown_event_types_and_fields_are_kept() -> None:
    (event,) = parse(body_of(raw_event("rocket.launched", ids={"rocket_id": "r"}, altitude=7)))
    assert type(event) is UnknownEvent
    assert (event.event_type, event.ids["rocket_id"], event.raw["altitude"]) == ("rocket.launched", "r", 7)
    assert (event.workspace_id, event.id, event.key) == (WORKSPACE, "", "")
    (known,) = parse(body_of(raw_update(altitude=8, actor={"type": "robot", "id": "x"})))
    assert (known.raw["altitude"], known.actor) == (8, ActorRef("robot", "x"))


def test_missing_and_malformed_fields_are_tolerated() -> None:
    raws: list[dict[str, Any]] = [
        {},
        {"event_type": "record.updated"},
        {"event_type": "record.updated", "id": None, "actor": None},
        {"event_type": "record.updated", "id": "text", "actor": []},
        {"event_type": "record.updated", "id": {"record_id": None}, "actor": {}},
        {"event_type": None},
        {"event_type": ["record.updated"]},
        {"event_type": "comment.created", "id": {"comment_id": 7}, "list_id": None},
    ]
    events = parse(body_of(*raws))
    assert [event.raw for event in events] == raws
    assert [event for event in events if not (isinstance(event, Event) and isinstance(event.id, str))] == []


def test_an_event_of_an_activity_has_its_ids() -> None:
    ids = {"activity_id": "a", "attribute_id": "b", "record_id": "c"}
    types = ["activity.updated", "activity-attribute.created", "activity-record.deleted"]
    events = parse(body_of(*(raw_event(event_type, ids=ids) for event_type in types)))
    assert [event.id for event in events] == ["a", "b", "c"]
    assert {getattr(event, "activity_id", None) for event in events} == {"a"}


def test_a_body_that_is_an_event_is_a_delivery_of_it() -> None:
    (event,) = parse(json.dumps(raw_update()).encode(), message_id="m")
    assert isinstance(event, webhooks.RecordUpdated)
    assert (event.record_id, event.key, event.webhook_id) == (uid(7), "m#0", "")


def test_null_stays_null_where_it_is_documented() -> None:
    (event,) = parse(body_of(raw_event("comment.created", list_id=None, entry_id=None)))
    assert isinstance(event, webhooks.CommentCreated)
    assert (event.list_id, event.entry_id) == (None, None)


def test_a_delivery_may_have_no_events() -> None:
    assert parse(b'{"events": []}') == ()


def test_a_body_that_is_neither_a_delivery_nor_an_event_is_refused() -> None:
    for body in (b"{}", b'{"webhook_id": "w"}', b'{"events": null}'):
        with pytest.raises(InvalidDelivery, match="neither events nor an event_type"):
            parse(body)
    (event,) = parse(b'{"event_type": "record.created", "id": {"object_id": "o", "record_id": "r"}}')
    assert (type(event).__name__, event.id) == ("RecordCreated", "r")


def test_an_invalid_delivery_is_rejected() -> None:
    expected = {
        b"": "not valid JSON",
        b"\xff\xfe": "not valid JSON",
        b'"\xff"': "not valid JSON",
        b'{"events": [': "not valid JSON",
        b"[]": "the body must be a JSON object",
        b"null": "the body must be a JSON object",
        b'{"events": {}}': "the events of a delivery must be a list",
        b'{"events": [1]}': "an event must be a JSON object",
        b"[" * 100_000: "nested too deeply",
    }
    misfits = {}
    for body, message in expected.items():
        with pytest.raises(InvalidDelivery) as caught:
            parse(body)
        if message not in str(caught.value):
            misfits[body[:20]] = str(caught.value)
    assert misfits == {}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "name", ["Attio-Signature", "attio-signature", "ATTIO-SIGNATURE", "X-Attio-Signature"]
)
async def test_the_names_of_headers_are_read_in_any_case(name: str) -> None:
    secret, body = "s" * 64, b'{"webhook_id": "w", "events": []}'
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    receiver = WebhookReceiver(secret=secret)
    for status in (202, 200):
        answer = await receiver.receive({name: signature, "IDEMPOTENCY-Key": "one"}, body)
        assert answer.status == status
