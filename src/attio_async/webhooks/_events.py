"""What webhooks tell, as types: one class per event type, whose fields are the ids that Attio sends with it. Pure.

A field is looked for among the parts of the event's id and then in the event itself. One that is missing is an
empty text, or None where Attio documents null.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from .._records.models import Record
from ..values import ActorRef


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened in a workspace. Attio says neither when nor what the new values are.

    Attributes:
        event_type: Attio's name for it, such as "record.updated".
        webhook_id: The webhook that told.
        workspace_id: Where it happened.
        actor: Who or what did it; None should the event not say.
        ids: All parts of the id of what it is about.
        message_id: The Idempotency-Key of the delivery, the same however often it is delivered; empty when not known.
        index: The event's place in its delivery, from 0.
        record: The record as it is now, for handlers that asked for it; None when it no longer exists.
        raw: All of the event, as Attio sent it.
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

    own: ClassVar[str] = ""
    """The field that is the id of what the event is about."""

    @property
    def id(self) -> str:
        """The id of what it is about, such as a record's or a note's; empty when it is not known."""
        return str(getattr(self, self.own)) if self.own else ""

    @property
    def key(self) -> str:
        """Tells this event from all others however often it is delivered; empty without a `message_id`."""
        return f"{self.message_id}#{self.index}" if self.message_id else ""


@attrs.frozen(kw_only=True)
class UnknownEvent(Event):
    """An event of a type that is newer than this package; `ids` and `raw` hold all of it."""


@attrs.frozen(kw_only=True)
class RecordEvent(Event):
    """Something happened to a record."""

    own: ClassVar[str] = "record_id"
    object_id: str = ""
    record_id: str = ""


@attrs.frozen(kw_only=True)
class RecordCreated(RecordEvent):
    """A record was created."""


@attrs.frozen(kw_only=True)
class RecordUpdated(RecordEvent):
    """One attribute of a record was changed."""

    attribute_id: str = ""


@attrs.frozen(kw_only=True)
class RecordMerged(RecordEvent):
    """Two records became one; the duplicate is gone, and its id with it."""

    duplicate_object_id: str = ""
    duplicate_record_id: str = ""


@attrs.frozen(kw_only=True)
class RecordDeleted(RecordEvent):
    """A record was deleted."""


@attrs.frozen(kw_only=True)
class ListEntryEvent(Event):
    """Something happened to an entry of a list; its parent is the record that is in the list."""

    own: ClassVar[str] = "entry_id"
    list_id: str = ""
    entry_id: str = ""
    parent_object_id: str = ""
    parent_record_id: str = ""


@attrs.frozen(kw_only=True)
class ListEntryCreated(ListEntryEvent):
    """A record was added to a list."""


@attrs.frozen(kw_only=True)
class ListEntryUpdated(ListEntryEvent):
    """One attribute of an entry was changed."""

    attribute_id: str = ""


@attrs.frozen(kw_only=True)
class ListEntryDeleted(ListEntryEvent):
    """A record was taken off a list."""


@attrs.frozen(kw_only=True)
class NoteEvent(Event):
    """Something happened to a note; its parent is the record it is about."""

    own: ClassVar[str] = "note_id"
    note_id: str = ""
    parent_object_id: str = ""
    parent_record_id: str = ""


@attrs.frozen(kw_only=True)
class NoteCreated(NoteEvent):
    """A note was created."""


@attrs.frozen(kw_only=True)
class NoteUpdated(NoteEvent):
    """Something about a note was changed, such as its title."""


@attrs.frozen(kw_only=True)
class NoteContentUpdated(NoteEvent):
    """The text of a note was changed."""


@attrs.frozen(kw_only=True)
class NoteDeleted(NoteEvent):
    """A note was deleted."""


@attrs.frozen(kw_only=True)
class CommentEvent(Event):
    """Something happened to a comment on a record, or on an entry of a list."""

    own: ClassVar[str] = "comment_id"
    comment_id: str = ""
    thread_id: str = ""
    object_id: str = ""
    record_id: str = ""
    list_id: str | None = None
    entry_id: str | None = None


@attrs.frozen(kw_only=True)
class CommentCreated(CommentEvent):
    """A comment was written."""


@attrs.frozen(kw_only=True)
class CommentResolved(CommentEvent):
    """A comment was resolved."""


@attrs.frozen(kw_only=True)
class CommentUnresolved(CommentEvent):
    """A resolved comment was opened again."""


@attrs.frozen(kw_only=True)
class CommentDeleted(CommentEvent):
    """A comment was deleted."""


@attrs.frozen(kw_only=True)
class TaskEvent(Event):
    """Something happened to a task."""

    own: ClassVar[str] = "task_id"
    task_id: str = ""


@attrs.frozen(kw_only=True)
class TaskCreated(TaskEvent):
    """A task was created."""


@attrs.frozen(kw_only=True)
class TaskUpdated(TaskEvent):
    """A task was changed."""


@attrs.frozen(kw_only=True)
class TaskDeleted(TaskEvent):
    """A task was deleted."""


@attrs.frozen(kw_only=True)
class ListEvent(Event):
    """Something happened to a list itself."""

    own: ClassVar[str] = "list_id"
    list_id: str = ""


@attrs.frozen(kw_only=True)
class ListCreated(ListEvent):
    """A list was created."""


@attrs.frozen(kw_only=True)
class ListUpdated(ListEvent):
    """Something about a list was changed, such as its name."""


@attrs.frozen(kw_only=True)
class ListDeleted(ListEvent):
    """A list was deleted."""


@attrs.frozen(kw_only=True)
class ListAttributeEvent(Event):
    """Something happened to an attribute of a list."""

    own: ClassVar[str] = "attribute_id"
    list_id: str = ""
    attribute_id: str = ""


@attrs.frozen(kw_only=True)
class ListAttributeCreated(ListAttributeEvent):
    """A list got a new attribute."""


@attrs.frozen(kw_only=True)
class ListAttributeUpdated(ListAttributeEvent):
    """An attribute of a list was changed, such as its title."""


@attrs.frozen(kw_only=True)
class ObjectAttributeEvent(Event):
    """Something happened to an attribute of an object."""

    own: ClassVar[str] = "attribute_id"
    object_id: str = ""
    attribute_id: str = ""


@attrs.frozen(kw_only=True)
class ObjectAttributeCreated(ObjectAttributeEvent):
    """An object got a new attribute."""


@attrs.frozen(kw_only=True)
class ObjectAttributeUpdated(ObjectAttributeEvent):
    """An attribute of an object was changed, such as its title."""


@attrs.frozen(kw_only=True)
class CallRecordingCreated(Event):
    """A call was recorded, and the recording is there."""

    own: ClassVar[str] = "call_recording_id"
    meeting_id: str = ""
    call_recording_id: str = ""


@attrs.frozen(kw_only=True)
class WorkspaceMemberCreated(Event):
    """Somebody joined the workspace."""

    own: ClassVar[str] = "workspace_member_id"
    workspace_member_id: str = ""


@attrs.frozen(kw_only=True)
class ActivityEvent(Event):
    """Something happened to an activity. Attio does not describe these further: `ids` and `raw` hold all of it."""


@attrs.frozen(kw_only=True)
class ActivityCreated(ActivityEvent):
    """An activity was created."""


@attrs.frozen(kw_only=True)
class ActivityUpdated(ActivityEvent):
    """An activity was changed."""


@attrs.frozen(kw_only=True)
class ActivityDeleted(ActivityEvent):
    """An activity was deleted."""


@attrs.frozen(kw_only=True)
class ActivityAttributeCreated(ActivityEvent):
    """An activity got a new attribute."""


@attrs.frozen(kw_only=True)
class ActivityAttributeUpdated(ActivityEvent):
    """An attribute of an activity was changed."""


@attrs.frozen(kw_only=True)
class ActivityRecordCreated(ActivityEvent):
    """A record of an activity was created."""


@attrs.frozen(kw_only=True)
class ActivityRecordDeleted(ActivityEvent):
    """A record of an activity was deleted."""


EVENT_CLASSES: Mapping[str, type[Event]] = {
    "record.created": RecordCreated,
    "record.updated": RecordUpdated,
    "record.merged": RecordMerged,
    "record.deleted": RecordDeleted,
    "list-entry.created": ListEntryCreated,
    "list-entry.updated": ListEntryUpdated,
    "list-entry.deleted": ListEntryDeleted,
    "note.created": NoteCreated,
    "note.updated": NoteUpdated,
    "note-content.updated": NoteContentUpdated,
    "note.deleted": NoteDeleted,
    "comment.created": CommentCreated,
    "comment.resolved": CommentResolved,
    "comment.unresolved": CommentUnresolved,
    "comment.deleted": CommentDeleted,
    "task.created": TaskCreated,
    "task.updated": TaskUpdated,
    "task.deleted": TaskDeleted,
    "list.created": ListCreated,
    "list.updated": ListUpdated,
    "list.deleted": ListDeleted,
    "list-attribute.created": ListAttributeCreated,
    "list-attribute.updated": ListAttributeUpdated,
    "object-attribute.created": ObjectAttributeCreated,
    "object-attribute.updated": ObjectAttributeUpdated,
    "call-recording.created": CallRecordingCreated,
    "workspace-member.created": WorkspaceMemberCreated,
    "activity.created": ActivityCreated,
    "activity.updated": ActivityUpdated,
    "activity.deleted": ActivityDeleted,
    "activity-attribute.created": ActivityAttributeCreated,
    "activity-attribute.updated": ActivityAttributeUpdated,
    "activity-record.created": ActivityRecordCreated,
    "activity-record.deleted": ActivityRecordDeleted,
}
"""The class of each event type."""
