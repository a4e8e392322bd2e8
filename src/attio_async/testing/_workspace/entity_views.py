"""Notes, tasks, comments, meetings and the like, in the JSON shapes of the API."""

from collections.abc import Iterable
from typing import Any

from .._schema import (
    ActivityType,
    Kind,
    ListType,
    ObjectType,
)
from .entities import (
    FakeCallRecording,
    FakeComment,
    FakeMeeting,
    FakeNote,
    FakeTask,
    FakeWebhook,
    RecordLink,
    View,
)
from .workspace import Workspace

Json = dict[str, Any]


def thing_id(workspace: Workspace, noun: str, identifier: str, **others: str) -> Json:
    """The id of something, with the workspace's own; `others` come between the two."""
    return {"workspace_id": workspace.data.id, **others, f"{noun}_id": identifier}


def object_of(workspace: Workspace, link: RecordLink) -> ObjectType:
    """The object of the record that something is about.

    Raises:
        LookupError: It is gone. Deleting an object deletes the records that anything could be about.
    """
    kind = workspace.object_type(link.object_id)
    if kind is None:
        raise LookupError(link.object_id)
    return kind


def links_view(workspace: Workspace, links: Iterable[RecordLink]) -> list[Json]:
    """Linked records, as meetings and e-mails show them."""
    return [
        {
            "object_slug": object_of(workspace, link).slug,
            "object_id": link.object_id,
            "record_id": link.record_id,
        }
        for link in links
    ]


def note_view(workspace: Workspace, note: FakeNote) -> Json:
    """A note."""
    return {
        "id": thing_id(workspace, "note", note.id),
        "parent_object": object_of(workspace, note.parent).slug,
        "parent_record_id": note.parent.record_id,
        "title": note.title,
        "meeting_id": note.meeting_id,
        "content_plaintext": note.plaintext,
        "content_markdown": note.markdown,
        "tags": [],
        "created_by_actor": note.created_by,
        "created_at": note.created_at,
    }


def task_view(workspace: Workspace, task: FakeTask) -> Json:
    """A task; `target_object_id` is a slug, whatever its name says."""
    return {
        "id": thing_id(workspace, "task", task.id),
        "content_plaintext": task.content,
        "deadline_at": task.deadline_at,
        "is_completed": task.completed_at is not None,
        "completed_at": task.completed_at,
        "linked_records": [
            {
                "target_object_id": object_of(workspace, link).slug,
                "target_record_id": link.record_id,
            }
            for link in task.links
        ],
        "assignees": [
            {"referenced_actor_type": "workspace-member", "referenced_actor_id": member}
            for member in task.assignees
        ],
        "created_by_actor": task.created_by,
        "created_at": task.created_at,
    }


def comment_view(workspace: Workspace, comment: FakeComment) -> Json:
    """A comment; one on an entry also names the record that the entry is about."""
    entry = comment.entry
    return {
        "id": thing_id(workspace, "comment", comment.id),
        "thread_id": comment.thread_id,
        "content_plaintext": comment.content,
        "entry": None if entry is None else {"entry_id": entry.entry_id, "list_id": entry.list_id},
        "record": {"record_id": comment.record.record_id, "object_id": comment.record.object_id},
        "resolved_at": comment.resolved_at,
        "resolved_by": comment.resolved_by,
        "created_at": comment.created_at,
        "author": comment.created_by,
    }


def meeting_view(workspace: Workspace, meeting: FakeMeeting) -> Json:
    """A meeting."""
    return {
        "id": thing_id(workspace, "meeting", meeting.id),
        "title": meeting.title,
        "description": meeting.description,
        "is_all_day": meeting.is_all_day,
        "start": meeting.start,
        "end": meeting.end,
        "participants": meeting.participants,
        "linked_records": links_view(workspace, meeting.links),
        "created_at": meeting.created_at,
        "created_by_actor": meeting.created_by,
    }


def recording_view(workspace: Workspace, recording: FakeCallRecording) -> Json:
    """A call recording as lists show it, without what was said."""
    return {
        "id": thing_id(workspace, "call_recording", recording.id, meeting_id=recording.meeting_id),
        "status": recording.status,
        "web_url": f"https://app.attio.com/{workspace.data.slug}/calls/{recording.meeting_id}/{recording.id}",
        "created_by_actor": recording.created_by,
        "created_at": recording.created_at,
    }


def webhook_view(workspace: Workspace, webhook: FakeWebhook) -> Json:
    """A webhook, without its secret."""
    return {
        "target_url": webhook.target_url,
        "subscriptions": webhook.subscriptions,
        "id": thing_id(workspace, "webhook", webhook.id),
        "status": webhook.status,
        "created_at": webhook.created_at,
    }


def saved_view_view(workspace: Workspace, kind: Kind, view: View) -> Json:
    """A saved view of an object or a list."""
    noun = "list" if isinstance(kind, ListType) else "object"
    return {
        "id": thing_id(workspace, "view", view.id, **{f"{noun}_id": kind.id}),
        "title": view.title,
        "created_at": view.created_at,
    }


def activity_view(workspace: Workspace, kind: ActivityType) -> Json:
    """An activity, with what it is a kind of."""
    parent = workspace.activity_type(kind.extends or "")
    extends = [] if parent is None else [{"schema_id": parent.id, "schema_slug": parent.slug}]
    return {
        "id": thing_id(workspace, "activity", kind.id),
        "api_slug": kind.slug,
        "singular_noun": kind.singular,
        "plural_noun": kind.plural,
        "extends": extends,
        "is_system_activity": kind.extends is None,
        "created_at": kind.created_at,
    }
