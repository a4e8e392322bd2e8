"""Tells the listeners of a workspace what was done to records, entries, objects, lists and attributes."""

from collections.abc import Mapping
from typing import Literal

from .._schema import (
    ActivityType,
    FakeAttribute,
    FakeMember,
    FakeRecord,
    Kind,
    ListType,
)
from .._workspace.change_log import LoggedChange
from .._workspace.entities import (
    FakeCallRecording,
    FakeComment,
    FakeNote,
    FakeTask,
)
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace

What = Literal["created", "updated", "deleted"]


def report_row(
    workspace: Workspace, record: FakeRecord, what: What, stamp: Stamp, attribute: FakeAttribute | None = None
) -> None:
    """A record or list entry was created or deleted, or one of its attributes was updated.

    Of the records of activities no updates are told.
    """
    if not workspace.changes:
        return
    kind = workspace.kind_of(record)
    if isinstance(kind, ActivityType):
        if what != "updated":
            ids = {"activity_id": kind.id, "record_id": record.id}
            publish(workspace, f"activity-record.{what}", ids, stamp)
        return
    of_attribute = {} if attribute is None else {"attribute_id": attribute.id}
    if record.parent is None:
        ids = {"object_id": kind.id, "record_id": record.id, **of_attribute}
        publish(workspace, f"record.{what}", ids, stamp)
        return
    parents = {
        "parent_object_id": workspace.data.objects[record.parent.object].id,
        "parent_record_id": record.parent.record_id,
    }
    ids = {"list_id": kind.id, "entry_id": record.id, **of_attribute}
    publish(workspace, f"list-entry.{what}", ids, stamp, parents)


def report_merge(
    workspace: Workspace, kind: Kind, record_id: str, duplicates: tuple[str, ...], stamp: Stamp
) -> None:
    """Records became one new record; one event tells of each that is gone."""
    if not workspace.changes:
        return
    for duplicate in duplicates:
        details = {"duplicate_object_id": kind.id, "duplicate_record_id": duplicate}
        ids = {"object_id": kind.id, "record_id": record_id}
        publish(workspace, "record.merged", ids, stamp, details)


def report_member(workspace: Workspace, member: FakeMember, stamp: Stamp) -> None:
    """Somebody joined the workspace."""
    if workspace.changes:
        publish(workspace, "workspace-member.created", {"workspace_member_id": member.id}, stamp)


def report_list(workspace: Workspace, kind: ListType, what: What, stamp: Stamp) -> None:
    """A list was created, renamed or deleted. Objects have no events of their own."""
    if workspace.changes:
        publish(workspace, f"list.{what}", {"list_id": kind.id}, stamp)


def report_activity(workspace: Workspace, kind: ActivityType, what: What, stamp: Stamp) -> None:
    """An activity was created, renamed or deleted."""
    if workspace.changes:
        publish(workspace, f"activity.{what}", {"activity_id": kind.id}, stamp)


def report_attribute(
    workspace: Workspace,
    kind: Kind,
    attribute: FakeAttribute,
    what: Literal["created", "updated"],
    stamp: Stamp,
) -> None:
    """An attribute was created, or it, its options or its statuses were changed."""
    if not workspace.changes:
        return
    noun = "list" if isinstance(kind, ListType) else "object"
    ids = {f"{noun}_id": kind.id, "attribute_id": attribute.id}
    publish(workspace, f"{noun}-attribute.{what}", ids, stamp)


def publish(
    workspace: Workspace,
    event_type: str,
    ids: Mapping[str, str],
    stamp: Stamp,
    details: Mapping[str, str | None] | None = None,
) -> None:
    """Something happened; the workspace's own id is added to the ids."""
    whole = {"workspace_id": workspace.data.id, **ids}
    workspace.changes.publish(LoggedChange(event_type, whole, stamp.actor, stamp.now, details or {}))


NoteEvent = Literal["note.created", "note.updated", "note-content.updated", "note.deleted"]


def report_note(workspace: Workspace, note: FakeNote, event: NoteEvent, stamp: Stamp) -> None:
    """A note was written, got another title or other content, or was deleted."""
    if workspace.changes:
        parents = {
            "parent_object_id": note.parent.object_id,
            "parent_record_id": note.parent.record_id,
        }
        publish(workspace, event, {"note_id": note.id}, stamp, parents)


def report_task(
    workspace: Workspace, task: FakeTask, what: Literal["created", "updated", "deleted"], stamp: Stamp
) -> None:
    """A task was created, changed or deleted."""
    if workspace.changes:
        publish(workspace, f"task.{what}", {"task_id": task.id}, stamp)


def report_comment(
    workspace: Workspace,
    comment: FakeComment,
    what: Literal["created", "resolved", "unresolved", "deleted"],
    stamp: Stamp,
) -> None:
    """A comment was written or deleted, or its thread was resolved or taken up again."""
    if not workspace.changes:
        return
    details = {
        "thread_id": comment.thread_id,
        "object_id": comment.record.object_id,
        "record_id": comment.record.record_id,
        "list_id": comment.entry.list_id if comment.entry else None,
        "entry_id": comment.entry.entry_id if comment.entry else None,
    }
    publish(workspace, f"comment.{what}", {"comment_id": comment.id}, stamp, details)


def report_recording(workspace: Workspace, recording: FakeCallRecording, stamp: Stamp) -> None:
    """A call recording is complete."""
    if workspace.changes:
        ids = {"meeting_id": recording.meeting_id, "call_recording_id": recording.id}
        publish(workspace, "call-recording.created", ids, stamp)
