"""From the body of a delivery to its events. Pure, and never fails over what is new or missing in an event."""

from collections.abc import Mapping
from typing import Any, cast

import attrs
import msgspec

from ..errors import InvalidDelivery
from ..values import ActorRef
from ._events import EVENT_CLASSES, Event, UnknownEvent
from ._verify import Body

_decoder = msgspec.json.Decoder()
_COMMON = {field.name for field in attrs.fields(Event)}
_OWN_FIELDS = {
    cls: tuple(field.name for field in attrs.fields(cls) if field.name not in _COMMON)
    for cls in (*EVENT_CLASSES.values(), UnknownEvent)
}


def parse(body: Body, *, message_id: str = "") -> tuple[Event, ...]:
    """The events of a delivery, in Attio's order: one today, and more when Attio starts sending batches.

    An event of a type that is not known is an `UnknownEvent`; unknown fields are in `raw`.

    Args:
        body: The body as it arrived. Nothing says that it is Attio's: that is what `verify` is for.
        message_id: The delivery's Idempotency-Key, which the events then carry.

    Raises:
        InvalidDelivery: It is no JSON object, or its events are no list of objects.
    """
    whole = _object(_decoded(body), "the body")
    events = whole.get("events")
    if events is None:
        return ()
    if not isinstance(events, list):
        raise InvalidDelivery(f"the events of a delivery are a list, not a {type(events).__name__}")
    webhook_id = _text(whole.get("webhook_id"))
    return tuple(
        _event(_object(raw, "an event"), webhook_id, message_id, index)
        for index, raw in enumerate(cast("list[object]", events))
    )


def lanes_of(event: Event) -> frozenset[str]:
    """What must not be overtaken: the records the event is about, or else the thing it is about."""
    named = ("record_id", "parent_record_id", "duplicate_record_id")
    records = {str(getattr(event, name, "") or "") for name in named} - {""}
    return frozenset(records or {event.id or event.event_type})


def _decoded(body: Body) -> object:
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDelivery(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise InvalidDelivery("the body is nested too deeply") from None


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidDelivery(f"{what} is a JSON object, not a {type(value).__name__}")
    return cast("dict[str, Any]", value)


def _event(raw: Mapping[str, Any], webhook_id: str, message_id: str, index: int) -> Event:
    event_type = _text(raw.get("event_type"))
    given = raw.get("id")
    ids = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    cls = EVENT_CLASSES.get(event_type, UnknownEvent)
    parts: dict[str, Any] = {
        name: _text(found) for name in _OWN_FIELDS[cls] if (found := ids.get(name, raw.get(name))) is not None
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
        **parts,
    )


def _actor(raw: object) -> ActorRef | None:
    if not isinstance(raw, dict):
        return None
    actor = cast("dict[str, object]", raw)
    return ActorRef(_text(actor.get("type")) or None, _text(actor.get("id")) or None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
