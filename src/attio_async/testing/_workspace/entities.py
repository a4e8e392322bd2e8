"""Notes, tasks and everything else besides records. Pure data; entities are replaced, never changed in place.

Meetings start and end at timestamps, or last whole days of a time zone.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

import attrs

from .. import _timestamps

Actor = Mapping[str, Any]

Time = Mapping[str, str | None]


@attrs.frozen(kw_only=True)
class Entity:
    """The fields that all of them have in common."""

    id: str
    created_at: str
    created_by: Actor


@attrs.frozen
class RecordLink:
    """A record that an entity is about. The object is named by its id, as slugs change."""

    object_id: str
    record_id: str


@attrs.frozen
class EntryLink:
    """A list entry that a comment is about. The list is named by its id."""

    list_id: str
    entry_id: str


@attrs.frozen(kw_only=True)
class FakeNote(Entity):
    """A note on a record."""

    parent: RecordLink
    title: str
    plaintext: str
    markdown: str
    meeting_id: str | None = None


@attrs.frozen(kw_only=True)
class FakeTask(Entity):
    """A task. `assignees` are ids of members."""

    content: str
    deadline_at: str | None = None
    completed_at: str | None = None
    links: tuple[RecordLink, ...] = ()
    assignees: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class FakeComment(Entity):
    """A comment. The first of a thread has the thread's id, and is resolved or not for all of it."""

    thread_id: str
    content: str
    record: RecordLink
    entry: EntryLink | None = None
    resolved_at: str | None = None
    resolved_by: Actor | None = None

    @property
    def is_head(self) -> bool:
        """True for the first comment of a thread."""
        return self.id == self.thread_id


@attrs.frozen(kw_only=True)
class FakeMeeting(Entity):
    """A meeting. `start` and `end` are as the API shows them; a calendar owns one that is synced."""

    title: str
    description: str
    start: Mapping[str, str | None]
    end: Mapping[str, str | None]
    is_all_day: bool
    participants: tuple[Mapping[str, Any], ...] = ()
    links: tuple[RecordLink, ...] = ()
    is_synced: bool = False


@attrs.frozen(kw_only=True)
class FakeCallRecording(Entity):
    """A recording of a call. At `ready_at` its video will have been fetched."""

    meeting_id: str
    video_url: str | None = None
    segments: tuple[Mapping[str, Any], ...] = ()
    status: str = "completed"
    ready_at: str | None = None


@attrs.frozen(kw_only=True)
class FakeFile(Entity):
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
class FakeEmail(Entity):
    """An e-mail in a mailbox. `participants` are as the API shows them."""

    mailbox_id: str
    sent_at: str
    direction: str
    subject: str | None
    participants: tuple[Mapping[str, Any], ...]
    is_automated: bool = False


@attrs.frozen(kw_only=True)
class FakeWebhook(Entity):
    """A webhook. `subscriptions` are as the API shows them."""

    target_url: str
    subscriptions: tuple[Mapping[str, Any], ...]
    secret: str = attrs.field(repr=False)
    status: str = "active"


@attrs.frozen(kw_only=True)
class FakeView(Entity):
    """A saved view of an object or list, whose id is `kind_id`. Without a filter it shows all records."""

    kind_id: str
    title: str
    filter: Mapping[str, Any] | None = None
    is_archived: bool = False


@attrs.define
class Entities:
    """All entities by id, in the order in which they were created."""

    notes: dict[str, FakeNote] = attrs.field(factory=dict[str, FakeNote])
    tasks: dict[str, FakeTask] = attrs.field(factory=dict[str, FakeTask])
    comments: dict[str, FakeComment] = attrs.field(factory=dict[str, FakeComment])
    meetings: dict[str, FakeMeeting] = attrs.field(factory=dict[str, FakeMeeting])
    recordings: dict[str, FakeCallRecording] = attrs.field(factory=dict[str, FakeCallRecording])
    files: dict[str, FakeFile] = attrs.field(factory=dict[str, FakeFile])
    emails: dict[str, FakeEmail] = attrs.field(factory=dict[str, FakeEmail])
    webhooks: dict[str, FakeWebhook] = attrs.field(factory=dict[str, FakeWebhook])
    views: dict[str, FakeView] = attrs.field(factory=dict[str, FakeView])
    unsubscribed: dict[str, str] = attrs.field(factory=dict[str, str])
    """When an e-mail address was unsubscribed from all sequences, by address."""


def starts(meeting: FakeMeeting, zone: tzinfo) -> str:
    """Return the start in UTC; whole days start at midnight of the zone."""
    return _in_utc(meeting.start, zone, 0)


def ends(meeting: FakeMeeting, zone: tzinfo) -> str:
    """Return the end in UTC; whole days end at the midnight of the zone after the last one."""
    return _in_utc(meeting.end, zone, 1)


def in_order(start: Time, end: Time) -> bool:
    """Return True if both are timestamps, or both are days, and the end is not before the start."""
    if set(start) != set(end):
        return False
    key = "date" if "date" in start else "datetime"
    return (end[key] or "") >= (start[key] or "")


def _in_utc(when: Time, zone: tzinfo, days: int) -> str:
    day = when.get("date")
    if day is None:
        return when["datetime"] or ""
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days), time(), zone)
    return _timestamps.iso_nanoseconds(midnight.timestamp())
