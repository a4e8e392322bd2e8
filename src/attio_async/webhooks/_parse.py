"""Parse the body of a delivery into events. Pure, and tolerant of what is new or missing in an event."""

from collections.abc import Mapping
from typing import Any, cast

import attrs
import msgspec

from .._utils.public import public
from ..errors import InvalidDelivery
from ..values import ActorRef
from ._events import EVENT_CLASSES, Event, UnknownEvent
from ._verify import Body

_COMMON_FIELDS = {field.name for field in attrs.fields(Event)}
_ID_FIELDS = {
    cls: tuple(field.name for field in attrs.fields(cls) if field.name not in _COMMON_FIELDS)
    for cls in (*EVENT_CLASSES.values(), UnknownEvent)
}

_decoder = msgspec.json.Decoder()


@public
def parse(body: Body, *, message_id: str = "") -> tuple[Event, ...]:
    """Return the events of a delivery, in Attio's order. One delivery can carry several.

    An event of an unknown type is an `UnknownEvent`; unknown fields are in `raw`. A body that is itself an event, as old
    and forwarded deliveries are, is a delivery of that event.

    Args:
        body: The body as it arrived. Use `verify` to check that it came from Attio.
        message_id: The delivery's Idempotency-Key, which the events then carry.

    Raises:
        InvalidDelivery: The body is not a JSON object, or its events are not a list of objects.
    """
    delivery = _object(_decode(body), "the body")
    events = delivery.get("events")
    if events is None:
        events = [delivery] if "event_type" in delivery else []
    if not isinstance(events, list):
        raise InvalidDelivery("the events of a delivery must be a list")
    webhook_id = _text(delivery.get("webhook_id"))
    return tuple(
        _event(_object(raw, "an event"), webhook_id, message_id, index)
        for index, raw in enumerate(cast("list[object]", events))
    )


def _decode(body: Body) -> object:
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDelivery(f"the body is not valid JSON: {error}") from None
    except RecursionError:
        raise InvalidDelivery("the body is nested too deeply") from None


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidDelivery(f"{what} must be a JSON object")
    return cast("dict[str, Any]", value)


def _event(raw: Mapping[str, Any], webhook_id: str, message_id: str, index: int) -> Event:
    event_type = _text(raw.get("event_type"))
    given = raw.get("id")
    ids = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    cls = EVENT_CLASSES.get(event_type, UnknownEvent)
    fields: dict[str, Any] = {
        name: _text(value) for name in _ID_FIELDS[cls] if (value := ids.get(name, raw.get(name))) is not None
    }
    return cls(
        event_type=event_type,
        webhook_id=webhook_id,
        workspace_id=_text(ids.get("workspace_id")),
        actor=_actor(raw.get("actor")),
        ids=ids,
        message_id=message_id,
        index=index,
        raw=raw,
        **fields,
    )


def _actor(raw: object) -> ActorRef | None:
    if not isinstance(raw, dict):
        return None
    actor = cast("dict[str, object]", raw)
    return ActorRef(_text(actor.get("type")) or None, _text(actor.get("id")) or None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
