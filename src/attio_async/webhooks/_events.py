"""The events that webhooks deliver: a class per event type, whose fields are the ids that Attio sends with it. Pure.

A field is read from the event's id, or else from the event itself. A missing one is an empty string, or None where Attio
documents null. `parse` reads the events of a delivery. The types are listed at
https://docs.attio.com/rest-api/webhook-reference.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

import attrs
import msgspec

from attio_async_api.json_data import JsonData

from .._records.models import Record
from .._utils.public import public
from ..errors import InvalidDelivery
from ..values import ActorRef
from ._verify import Body

R = TypeVar("R", bound=Record)

_classes: dict[str, type["Event"]] = {}
"""Filled by the declarations below."""


@public
@attrs.frozen(kw_only=True, slots=False)
class Event(JsonData):
    """Something that happened in a workspace. Attio sends neither the time nor the new values.

    Attributes:
        event_type: Attio's name for the type, such as "record.updated".
        webhook_id: The webhook that delivered it.
        workspace_id: The workspace in which it happened.
        actor: The person, app or process that caused it; None if the event does not say.
        ids: All parts of the id of what it is about.
        message_id: The Idempotency-Key of the delivery, the same for every retry; empty if unknown.
        index: The event's position in its delivery, from 0.
        record: The record as it is now, for handlers that hydrate; None when it no longer exists.
        raw: The whole event as Attio sent it.
    """

    event_type: str
    webhook_id: str = ""
    workspace_id: str = ""
    actor: ActorRef | None = None
    ids: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, hash=False)
    message_id: str = ""
    index: int = 0
    record: Record | None = attrs.field(default=None, repr=False, eq=False)
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, eq=False)

    id_field: ClassVar[str] = ""
    """The field with the id of what the event is about."""

    def __init_subclass__(cls, event_type: str = "", id_field: str = "") -> None:
        cls.id_field = id_field or cls.id_field
        if event_type:
            _classes[event_type] = cls

    @property
    def id(self) -> str:
        """The id of what the event is about, such as a record or a note; empty if unknown."""
        return str(getattr(self, self.id_field)) if self.id_field else ""

    def record_as(self, model: type[R]) -> R | None:
        """Return `record` as a model, such as `attio_async.models.Deal`; None without one. Nothing is read again."""
        return None if self.record is None else self.record.copied_as(model)

    @property
    def key(self) -> str:
        """A key that no other event has, the same for every retry; empty without a `message_id`."""
        return f"{self.message_id}#{self.index}" if self.message_id else ""


@public
class UnknownEvent(Event):
    """An event of a type that is newer than this package; `ids` and `raw` hold all of it."""


@public
@attrs.frozen(kw_only=True, slots=False)
class RecordEvent(Event, id_field="record_id"):
    """An event about a record."""

    object_id: str = ""
    record_id: str = ""


@public
class RecordCreated(RecordEvent, event_type="record.created"):
    """A record was created."""


@public
@attrs.frozen(kw_only=True, slots=False)
class RecordUpdated(RecordEvent, event_type="record.updated"):
    """An attribute of a record was changed."""

    attribute_id: str = ""


@public
@attrs.frozen(kw_only=True, slots=False)
class RecordMerged(RecordEvent, event_type="record.merged"):
    """Two records were merged, and the duplicate was deleted."""

    duplicate_object_id: str = ""
    duplicate_record_id: str = ""


@public
class RecordDeleted(RecordEvent, event_type="record.deleted"):
    """A record was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ListEntryEvent(Event, id_field="entry_id"):
    """An event about a list entry; its parent is the record that is in the list."""

    list_id: str = ""
    entry_id: str = ""
    parent_object_id: str = ""
    parent_record_id: str = ""


@public
class ListEntryCreated(ListEntryEvent, event_type="list-entry.created"):
    """A record was added to a list."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ListEntryUpdated(ListEntryEvent, event_type="list-entry.updated"):
    """An attribute of a list entry was changed."""

    attribute_id: str = ""


@public
class ListEntryDeleted(ListEntryEvent, event_type="list-entry.deleted"):
    """A record was removed from a list."""


@public
@attrs.frozen(kw_only=True, slots=False)
class NoteEvent(Event, id_field="note_id"):
    """An event about a note; its parent is the record that it is attached to."""

    note_id: str = ""
    parent_object_id: str = ""
    parent_record_id: str = ""


@public
class NoteCreated(NoteEvent, event_type="note.created"):
    """A note was created."""


@public
class NoteUpdated(NoteEvent, event_type="note.updated"):
    """The title of a note was changed."""


@public
class NoteContentUpdated(NoteEvent, event_type="note-content.updated"):
    """The content of a note was changed."""


@public
class NoteDeleted(NoteEvent, event_type="note.deleted"):
    """A note was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class CommentEvent(Event, id_field="comment_id"):
    """An event about a comment on a record or a list entry."""

    comment_id: str = ""
    thread_id: str = ""
    object_id: str = ""
    record_id: str = ""
    list_id: str | None = None
    entry_id: str | None = None


@public
class CommentCreated(CommentEvent, event_type="comment.created"):
    """A comment was created."""


@public
class CommentResolved(CommentEvent, event_type="comment.resolved"):
    """A comment was resolved."""


@public
class CommentUnresolved(CommentEvent, event_type="comment.unresolved"):
    """A resolved comment was reopened."""


@public
class CommentDeleted(CommentEvent, event_type="comment.deleted"):
    """A comment was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class TaskEvent(Event, id_field="task_id"):
    """An event about a task."""

    task_id: str = ""


@public
class TaskCreated(TaskEvent, event_type="task.created"):
    """A task was created."""


@public
class TaskUpdated(TaskEvent, event_type="task.updated"):
    """A task was changed, such as its assignees or deadline."""


@public
class TaskDeleted(TaskEvent, event_type="task.deleted"):
    """A task was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ListEvent(Event, id_field="list_id"):
    """An event about a list itself."""

    list_id: str = ""


@public
class ListCreated(ListEvent, event_type="list.created"):
    """A list was created."""


@public
class ListUpdated(ListEvent, event_type="list.updated"):
    """A list was changed, such as its name."""


@public
class ListDeleted(ListEvent, event_type="list.deleted"):
    """A list was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ListAttributeEvent(Event, id_field="attribute_id"):
    """An event about an attribute of a list."""

    list_id: str = ""
    attribute_id: str = ""


@public
class ListAttributeCreated(ListAttributeEvent, event_type="list-attribute.created"):
    """An attribute was added to a list."""


@public
class ListAttributeUpdated(ListAttributeEvent, event_type="list-attribute.updated"):
    """An attribute of a list was changed, such as its name."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ObjectAttributeEvent(Event, id_field="attribute_id"):
    """An event about an attribute of an object."""

    object_id: str = ""
    attribute_id: str = ""


@public
class ObjectAttributeCreated(ObjectAttributeEvent, event_type="object-attribute.created"):
    """An attribute was added to an object."""


@public
class ObjectAttributeUpdated(ObjectAttributeEvent, event_type="object-attribute.updated"):
    """An attribute of an object was changed, such as its name."""


@public
@attrs.frozen(kw_only=True, slots=False)
class CallRecordingCreated(Event, event_type="call-recording.created", id_field="call_recording_id"):
    """A call recording was uploaded completely."""

    meeting_id: str = ""
    call_recording_id: str = ""


@public
@attrs.frozen(kw_only=True, slots=False)
class WorkspaceMemberCreated(Event, event_type="workspace-member.created", id_field="workspace_member_id"):
    """A member was added to the workspace."""

    workspace_member_id: str = ""


@public
@attrs.frozen(kw_only=True, slots=False)
class ActivityEvent(Event, id_field="activity_id"):
    """An event about an activity."""

    activity_id: str = ""


@public
class ActivityCreated(ActivityEvent, event_type="activity.created"):
    """An activity was created."""


@public
class ActivityUpdated(ActivityEvent, event_type="activity.updated"):
    """An activity was changed."""


@public
class ActivityDeleted(ActivityEvent, event_type="activity.deleted"):
    """An activity was deleted."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ActivityAttributeEvent(ActivityEvent, id_field="attribute_id"):
    """An event about an attribute of an activity."""

    attribute_id: str = ""


@public
class ActivityAttributeCreated(ActivityAttributeEvent, event_type="activity-attribute.created"):
    """An attribute was added to an activity."""


@public
class ActivityAttributeUpdated(ActivityAttributeEvent, event_type="activity-attribute.updated"):
    """An attribute of an activity was changed."""


@public
@attrs.frozen(kw_only=True, slots=False)
class ActivityRecordEvent(ActivityEvent, id_field="record_id"):
    """An event about a record of an activity."""

    record_id: str = ""


@public
class ActivityRecordCreated(ActivityRecordEvent, event_type="activity-record.created"):
    """A record of an activity was created."""


@public
class ActivityRecordDeleted(ActivityRecordEvent, event_type="activity-record.deleted"):
    """A record of an activity was deleted."""


EVENT_CLASSES: Mapping[str, type[Event]] = _classes
"""The class of each event type."""


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
        if "event_type" not in delivery:
            raise InvalidDelivery("the body has neither events nor an event_type")
        events = [delivery]
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
