"""What a workspace holds besides records and entries. Pure data; every thing is replaced, never changed in place."""

from collections.abc import Mapping
from typing import Any

import attrs

Actor = Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Thing:
    """What all of them have in common."""

    id: str
    created_at: str
    created_by: Actor


@attrs.frozen
class RecordLink:
    """A record that something is about; the object goes by its id, as slugs change."""

    object_id: str
    record_id: str


@attrs.frozen(kw_only=True)
class Note(Thing):
    """A note on a record."""

    parent: RecordLink
    title: str
    plaintext: str
    markdown: str
    meeting_id: str | None = None


@attrs.frozen(kw_only=True)
class Task(Thing):
    """A task; `assignees` are the ids of members."""

    content: str
    deadline_at: str | None = None
    completed_at: str | None = None
    links: tuple[RecordLink, ...] = ()
    assignees: tuple[str, ...] = ()


@attrs.frozen
class EntryLink:
    """A list entry that something is about; `list_id` is an id."""

    list_id: str
    entry_id: str


@attrs.frozen(kw_only=True)
class Comment(Thing):
    """A comment by `created_by`; the first of a thread has the thread's id, and says whether it is resolved."""

    thread_id: str
    content: str
    record: RecordLink
    entry: EntryLink | None = None
    resolved_at: str | None = None
    resolved_by: Actor | None = None

    @property
    def is_head(self) -> bool:
        """Whether the thread begins with it."""
        return self.id == self.thread_id


@attrs.frozen(kw_only=True)
class Meeting(Thing):
    """A meeting; `start` and `end` are as the API shows them. One that is synced is a calendar's."""

    title: str
    description: str
    start: Mapping[str, str | None]
    end: Mapping[str, str | None]
    is_all_day: bool
    participants: tuple[Mapping[str, Any], ...] = ()
    links: tuple[RecordLink, ...] = ()
    is_synced: bool = False


@attrs.frozen(kw_only=True)
class CallRecording(Thing):
    """A recording of a call; `ready_at` is when a video being fetched will be there."""

    meeting_id: str
    video_url: str | None = None
    segments: tuple[Mapping[str, Any], ...] = ()
    status: str = "completed"
    ready_at: str | None = None


@attrs.frozen(kw_only=True)
class File(Thing):
    """A file or folder of a record, Attio's own or connected from elsewhere, as `file_type` says."""

    file_type: str
    record: RecordLink
    storage_provider: str = "attio"
    name: str | None = None
    parent_folder_id: str | None = None
    content_type: str | None = None
    content: bytes = attrs.field(default=b"", repr=False)
    external_id: str | None = None
    microsoft_drive_id: str | None = None


@attrs.frozen(kw_only=True)
class Email(Thing):
    """An e-mail in a mailbox; `participants` are as the API shows them."""

    mailbox_id: str
    sent_at: str
    direction: str
    subject: str | None
    participants: tuple[Mapping[str, Any], ...]
    is_automated: bool = False


@attrs.frozen(kw_only=True)
class Webhook(Thing):
    """A webhook with its subscriptions as the API shows them."""

    target_url: str
    subscriptions: tuple[Mapping[str, Any], ...]
    secret: str = attrs.field(repr=False)
    status: str = "active"


@attrs.frozen(kw_only=True)
class View(Thing):
    """A saved view of an object or a list, whose id is `kind_id`; without a filter it shows everything."""

    kind_id: str
    title: str
    filter: Mapping[str, Any] | None = None
    is_archived: bool = False


@attrs.define
class Things:
    """All of them by id, in the order in which they were made."""

    notes: dict[str, Note] = attrs.field(factory=dict[str, Note])
    tasks: dict[str, Task] = attrs.field(factory=dict[str, Task])
    comments: dict[str, Comment] = attrs.field(factory=dict[str, Comment])
    meetings: dict[str, Meeting] = attrs.field(factory=dict[str, Meeting])
    recordings: dict[str, CallRecording] = attrs.field(factory=dict[str, CallRecording])
    files: dict[str, File] = attrs.field(factory=dict[str, File])
    emails: dict[str, Email] = attrs.field(factory=dict[str, Email])
    webhooks: dict[str, Webhook] = attrs.field(factory=dict[str, Webhook])
    views: dict[str, View] = attrs.field(factory=dict[str, View])
    unsubscribed: dict[str, str] = attrs.field(factory=dict[str, str])
    """When an e-mail address was unsubscribed from all sequences, by address."""
