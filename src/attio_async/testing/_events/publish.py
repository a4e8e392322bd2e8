"""Publish the changes of a workspace, as the events of webhooks."""

from collections.abc import Mapping
from typing import Literal

from .._schema import ActivityType, FakeAttribute, FakeMember, FakeRecord, Kind, ListType
from .._workspace.change_log import LoggedChange
from .._workspace.entities import FakeCallRecording, FakeComment, FakeNote, FakeTask
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace

What = Literal["created", "updated", "deleted"]
NoteEvent = Literal["note.created", "note.updated", "note-content.updated", "note.deleted"]


def publish(
    workspace: Workspace,
    event_type: str,
    ids: Mapping[str, str],
    stamp: Stamp,
    details: Mapping[str, str | None] | None = None,
) -> None:
    """Publish an event, if anybody subscribed. The id of the workspace is added to the ids."""
    if workspace.changes:
        all_ids = {"workspace_id": workspace.data.id, **ids}
        workspace.changes.publish(LoggedChange(event_type, all_ids, stamp.actor, stamp.now, details or {}))


def report_row(
    workspace: Workspace, row: FakeRecord, what: What, stamp: Stamp, attribute: FakeAttribute | None = None
) -> None:
    """Report a record or list entry that was created or deleted, or an attribute of it that was updated.

    Updates of the records of activities have no events.
    """
    if not workspace.changes:  # the most frequent case by far
        return
    kind = workspace.kind_of(row)
    if isinstance(kind, ActivityType):
        if what != "updated":
            ids = {"activity_id": kind.id, "record_id": row.id}
            publish(workspace, f"activity-record.{what}", ids, stamp)
        return
    of_attribute = {} if attribute is None else {"attribute_id": attribute.id}
    if row.parent is None:
        ids = {"object_id": kind.id, "record_id": row.id, **of_attribute}
        publish(workspace, f"record.{what}", ids, stamp)
        return
    parents = {
        "parent_object_id": workspace.data.objects[row.parent.object].id,
        "parent_record_id": row.parent.record_id,
    }
    ids = {"list_id": kind.id, "entry_id": row.id, **of_attribute}
    publish(workspace, f"list-entry.{what}", ids, stamp, parents)


def report_merge(
    workspace: Workspace, kind: Kind, record_id: str, duplicates: tuple[str, ...], stamp: Stamp
) -> None:
    """Report records that were merged into a new one, with one event for each."""
    for duplicate in duplicates:
        details = {"duplicate_object_id": kind.id, "duplicate_record_id": duplicate}
        ids = {"object_id": kind.id, "record_id": record_id}
        publish(workspace, "record.merged", ids, stamp, details)


def report_member(workspace: Workspace, member: FakeMember, stamp: Stamp) -> None:
    """Report a new workspace member."""
    publish(workspace, "workspace-member.created", {"workspace_member_id": member.id}, stamp)


def report_kind(workspace: Workspace, kind: ListType | ActivityType, what: What, stamp: Stamp) -> None:
    """Report a list or activity that was created, updated or deleted. Objects have no events."""
    publish(workspace, f"{kind.noun}.{what}", {f"{kind.noun}_id": kind.id}, stamp)


def report_attribute(
    workspace: Workspace,
    kind: Kind,
    attribute: FakeAttribute,
    what: Literal["created", "updated"],
    stamp: Stamp,
) -> None:
    """Report an attribute that was created, or that was changed, as were its options or statuses."""
    ids = {f"{kind.noun}_id": kind.id, "attribute_id": attribute.id}
    publish(workspace, f"{kind.noun}-attribute.{what}", ids, stamp)


def report_note(workspace: Workspace, note: FakeNote, event: NoteEvent, stamp: Stamp) -> None:
    """Report a note that was created or deleted, or has a new title or content."""
    parents = {
        "parent_object_id": note.parent.object_id,
        "parent_record_id": note.parent.record_id,
    }
    publish(workspace, event, {"note_id": note.id}, stamp, parents)


def report_task(workspace: Workspace, task: FakeTask, what: What, stamp: Stamp) -> None:
    """Report a task that was created, updated or deleted."""
    publish(workspace, f"task.{what}", {"task_id": task.id}, stamp)


def report_comment(
    workspace: Workspace,
    comment: FakeComment,
    what: Literal["created", "resolved", "unresolved", "deleted"],
    stamp: Stamp,
) -> None:
    """Report a comment that was created or deleted, or whose thread was resolved or opened again."""
    entry = comment.entry
    details = {
        "thread_id": comment.thread_id,
        "object_id": comment.record.object_id,
        "record_id": comment.record.record_id,
        "list_id": None if entry is None else entry.list_id,
        "entry_id": None if entry is None else entry.entry_id,
    }
    publish(workspace, f"comment.{what}", {"comment_id": comment.id}, stamp, details)


def report_recording(workspace: Workspace, recording: FakeCallRecording, stamp: Stamp) -> None:
    """Report a call recording that is complete."""
    ids = {"meeting_id": recording.meeting_id, "call_recording_id": recording.id}
    publish(workspace, "call-recording.created", ids, stamp)
