"""Notes, tasks, comments and the other entities in the JSON shapes of the API."""

from collections.abc import Iterable

from .._schema import Kind
from .entities import (
    FakeCallRecording,
    FakeComment,
    FakeEmail,
    FakeFile,
    FakeMeeting,
    FakeNote,
    FakeTask,
    FakeView,
    FakeWebhook,
    RecordLink,
)
from .views import Json
from .workspace import Workspace


def entity_id(workspace: Workspace, noun: str, identifier: str, **others: str) -> Json:
    """Return the composite id of an entity; `others` come after the id of the workspace."""
    return {"workspace_id": workspace.data.id, **others, f"{noun}_id": identifier}


def _object_slug(workspace: Workspace, link: RecordLink) -> str:
    """Return the slug of the object of a link. Deleting an object deletes the links to its records."""
    return workspace.kind(link.object_id).slug


def _links_view(workspace: Workspace, links: Iterable[RecordLink]) -> list[Json]:
    return [
        {
            "object_slug": _object_slug(workspace, link),
            "object_id": link.object_id,
            "record_id": link.record_id,
        }
        for link in links
    ]


def note_view(workspace: Workspace, note: FakeNote) -> Json:
    """Return a note as the API shows it."""
    return {
        "id": entity_id(workspace, "note", note.id),
        "parent_object": _object_slug(workspace, note.parent),
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
    """Return a task as the API shows it. `target_object_id` is a slug, in spite of its name."""
    return {
        "id": entity_id(workspace, "task", task.id),
        "content_plaintext": task.content,
        "deadline_at": task.deadline_at,
        "is_completed": task.completed_at is not None,
        "completed_at": task.completed_at,
        "linked_records": [
            {"target_object_id": _object_slug(workspace, link), "target_record_id": link.record_id}
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
    """Return a comment as the API shows it. One on an entry also has the record that the entry is about."""
    entry = comment.entry
    return {
        "id": entity_id(workspace, "comment", comment.id),
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
    """Return a meeting as the API shows it."""
    return {
        "id": entity_id(workspace, "meeting", meeting.id),
        "title": meeting.title,
        "description": meeting.description,
        "is_all_day": meeting.is_all_day,
        "start": meeting.start,
        "end": meeting.end,
        "participants": meeting.participants,
        "linked_records": _links_view(workspace, meeting.links),
        "created_at": meeting.created_at,
        "created_by_actor": meeting.created_by,
    }


def recording_view(workspace: Workspace, recording: FakeCallRecording) -> Json:
    """Return a call recording as lists of them show it, without its transcript."""
    return {
        "id": entity_id(workspace, "call_recording", recording.id, meeting_id=recording.meeting_id),
        "status": recording.status,
        "web_url": f"https://app.attio.com/{workspace.data.slug}/calls/{recording.meeting_id}/{recording.id}",
        "created_by_actor": recording.created_by,
        "created_at": recording.created_at,
    }


def file_view(workspace: Workspace, file: FakeFile) -> Json:
    """Return a file or folder as the API shows it."""
    view: Json = {
        "id": entity_id(workspace, "file", file.id),
        "object_id": file.record.object_id,
        "object_slug": _object_slug(workspace, file.record),
        "record_id": file.record.record_id,
        "storage_provider": file.storage_provider,
        "created_by_actor": file.created_by,
        "created_at": file.created_at,
        "file_type": file.file_type,
    }
    if file.file_type.startswith("connected"):
        view["external_provider_file_id"] = file.external_id
        view["microsoft_drive_id"] = file.microsoft_drive_id
        return view
    view["name"] = file.name
    if file.file_type == "file":
        view["content_type"], view["content_size"] = file.content_type, len(file.content)
    view["parent_folder_id"] = file.parent_folder_id
    return view


def email_view(workspace: Workspace, email: FakeEmail, links: Iterable[RecordLink]) -> Json:
    """Return an e-mail as the API shows it, with the records that it is linked to."""
    return {
        "id": entity_id(workspace, "email", email.id, mailbox_id=email.mailbox_id),
        "sent_at": email.sent_at,
        "direction": email.direction,
        "subject_line": email.subject,
        "participants": email.participants,
        "linked_records": _links_view(workspace, links),
    }


def webhook_view(workspace: Workspace, webhook: FakeWebhook) -> Json:
    """Return a webhook as the API shows it, without its secret."""
    return {
        "id": entity_id(workspace, "webhook", webhook.id),
        "target_url": webhook.target_url,
        "subscriptions": webhook.subscriptions,
        "status": webhook.status,
        "created_at": webhook.created_at,
    }


def saved_view_view(workspace: Workspace, kind: Kind, view: FakeView) -> Json:
    """Return a saved view as the API shows it."""
    return {
        "id": entity_id(workspace, "view", view.id, **{f"{kind.noun}_id": kind.id}),
        "title": view.title,
        "created_at": view.created_at,
    }
