"""What else is lost, or moves, when a record or list entry goes."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import TypeVar

import attrs

from .._events.publish import report_comment, report_note, report_task
from .._schema import FakeRecord
from .._workspace.entities import FakeMeeting, FakeTask, RecordLink
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace

T = TypeVar("T", FakeTask, FakeMeeting)


def part_with(workspace: Workspace, record: FakeRecord, stamp: Stamp) -> None:
    """Delete the notes, threads and files of a deleted record, and unlink it from tasks and meetings.

    Of a list entry only its threads go.
    """
    things = workspace.data.things
    if things.comments:
        _drop_comments(workspace, record, stamp)
    if record.parent is not None:
        return
    for note in [note for note in things.notes.values() if note.parent.record_id == record.id]:
        del things.notes[note.id]
        report_note(workspace, note, "note.deleted", stamp)
    for file in [file for file in things.files.values() if file.record.record_id == record.id]:
        del things.files[file.id]
    for task in _linked(things.tasks.values(), {record.id}):
        _replace_task(workspace, attrs.evolve(task, links=_without(task.links, record.id)), stamp)
    for meeting in _linked(things.meetings.values(), {record.id}):
        links = _without(meeting.links, record.id)
        things.meetings[meeting.id] = attrs.evolve(meeting, links=links)


def hand_over(workspace: Workspace, old_ids: Iterable[str], record: FakeRecord, stamp: Stamp) -> None:
    """Make everything that is about the old records be about the new one, which they were merged into."""
    things = workspace.data.things
    new = RecordLink(record.kind, record.id)
    old = frozenset(old_ids)
    for note in [note for note in things.notes.values() if note.parent.record_id in old]:
        things.notes[note.id] = attrs.evolve(note, parent=new)
    for comment in [comment for comment in things.comments.values() if comment.record.record_id in old]:
        things.comments[comment.id] = attrs.evolve(comment, record=new)
    for file in [file for file in things.files.values() if file.record.record_id in old]:
        things.files[file.id] = attrs.evolve(file, record=new)
    for task in _linked(things.tasks.values(), old):
        _replace_task(workspace, attrs.evolve(task, links=_moved(task.links, old, new)), stamp)
    for meeting in _linked(things.meetings.values(), old):
        things.meetings[meeting.id] = attrs.evolve(meeting, links=_moved(meeting.links, old, new))


def _drop_comments(workspace: Workspace, record: FakeRecord, stamp: Stamp) -> None:
    comments = workspace.data.things.comments
    for comment in list(comments.values()):
        of_record = comment.record.record_id == record.id
        of_entry = comment.entry is not None and comment.entry.entry_id == record.id
        if of_record or of_entry:
            del comments[comment.id]
            report_comment(workspace, comment, "deleted", stamp)


def _replace_task(workspace: Workspace, task: FakeTask, stamp: Stamp) -> None:
    workspace.data.things.tasks[task.id] = task
    report_task(workspace, task, "updated", stamp)


def _linked(things: Iterable[T], record_ids: AbstractSet[str]) -> list[T]:
    return [thing for thing in things if any(link.record_id in record_ids for link in thing.links)]


def _without(links: tuple[RecordLink, ...], record_id: str) -> tuple[RecordLink, ...]:
    return tuple(link for link in links if link.record_id != record_id)


def _moved(links: tuple[RecordLink, ...], old: frozenset[str], new: RecordLink) -> tuple[RecordLink, ...]:
    """The links with those to the old records led to the new one, each record once."""
    return tuple(dict.fromkeys(new if link.record_id in old else link for link in links))
