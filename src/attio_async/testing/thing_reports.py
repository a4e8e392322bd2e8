"""Tells the listeners of a workspace what was done to notes, tasks, comments and recordings."""

from typing import Literal

from .reports import publish
from .stamps import Stamp
from .state import Workspace
from .things import CallRecording, Comment, Note, Task

NoteEvent = Literal["note.created", "note.updated", "note-content.updated", "note.deleted"]


def report_note(workspace: Workspace, note: Note, event: NoteEvent, stamp: Stamp) -> None:
    """A note was written, got another title or other content, or was deleted."""
    if workspace.changes:
        parents = {
            "parent_object_id": note.parent.object_id,
            "parent_record_id": note.parent.record_id,
        }
        publish(workspace, event, {"note_id": note.id}, stamp, parents)


def report_task(
    workspace: Workspace, task: Task, what: Literal["created", "updated", "deleted"], stamp: Stamp
) -> None:
    """A task was created, changed or deleted."""
    if workspace.changes:
        publish(workspace, f"task.{what}", {"task_id": task.id}, stamp)


def report_comment(
    workspace: Workspace,
    comment: Comment,
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


def report_recording(workspace: Workspace, recording: CallRecording, stamp: Stamp) -> None:
    """A call recording is complete."""
    if workspace.changes:
        ids = {"meeting_id": recording.meeting_id, "call_recording_id": recording.id}
        publish(workspace, "call-recording.created", ids, stamp)
