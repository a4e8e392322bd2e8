"""Deleting a record or list entry, with everything that is about it or refers to it."""

from collections.abc import Iterable, Set as AbstractSet
from typing import TypeVar

import attrs

from .._events.publish import report_comment, report_note, report_row, report_task
from .._schema import FakeRecord
from .._workspace.entities import FakeMeeting, FakeTask, RecordLink
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .relationships import unlink

T = TypeVar("T", FakeTask, FakeMeeting)


def delete(workspace: Workspace, row: FakeRecord, stamp: Stamp) -> None:
    """Delete a record or entry, every reference to it, the entries about it and its notes, threads and files."""
    for entry in workspace.entries_about(row.id):
        delete(workspace, entry, stamp)
    _delete_dependants(workspace, row, stamp)
    attributes = workspace.kind_of(row).attributes
    for slug in list(row.values):
        workspace.set_values(row, attributes[slug], [], stamp.now)
    for referrer, attribute in workspace.referrers(row.id):
        unlink(workspace, referrer, attribute, row.id, stamp)
    workspace.remove_record(row)
    report_row(workspace, row, "deleted", stamp)


def _delete_dependants(workspace: Workspace, row: FakeRecord, stamp: Stamp) -> None:
    """Delete the notes, threads and files of a record, and unlink it from tasks and meetings.

    Of a list entry only the threads are deleted.
    """
    entities = workspace.data.entities
    _delete_comments(workspace, row, stamp)
    if row.parent is not None:
        return
    for note in [note for note in entities.notes.values() if note.parent.record_id == row.id]:
        del entities.notes[note.id]
        report_note(workspace, note, "note.deleted", stamp)
    for file in [file for file in entities.files.values() if file.record.record_id == row.id]:
        del entities.files[file.id]
    _replace_links(workspace, {row.id}, None, stamp)


def move_dependants(workspace: Workspace, old_ids: Iterable[str], record: FakeRecord, stamp: Stamp) -> None:
    """Make everything about the old records be about the new one, which they were merged into."""
    entities = workspace.data.entities
    new = RecordLink(record.kind, record.id)
    old = frozenset(old_ids)
    for note in [note for note in entities.notes.values() if note.parent.record_id in old]:
        entities.notes[note.id] = attrs.evolve(note, parent=new)
    for comment in [comment for comment in entities.comments.values() if comment.record.record_id in old]:
        entities.comments[comment.id] = attrs.evolve(comment, record=new)
    for file in [file for file in entities.files.values() if file.record.record_id in old]:
        entities.files[file.id] = attrs.evolve(file, record=new)
    _replace_links(workspace, old, new, stamp)


def _delete_comments(workspace: Workspace, row: FakeRecord, stamp: Stamp) -> None:
    comments = workspace.data.entities.comments
    for comment in list(comments.values()):
        of_entry = comment.entry is not None and comment.entry.entry_id == row.id
        if of_entry or comment.record.record_id == row.id:
            del comments[comment.id]
            report_comment(workspace, comment, "deleted", stamp)


def _replace_links(workspace: Workspace, old: AbstractSet[str], new: RecordLink | None, stamp: Stamp) -> None:
    """Link tasks and meetings to the new record instead of the old ones, or to none of them."""
    entities = workspace.data.entities
    for task in _linked(entities.tasks.values(), old):
        entities.tasks[task.id] = attrs.evolve(task, links=_replaced(task.links, old, new))
        report_task(workspace, entities.tasks[task.id], "updated", stamp)
    for meeting in _linked(entities.meetings.values(), old):
        links = _replaced(meeting.links, old, new)
        entities.meetings[meeting.id] = attrs.evolve(meeting, links=links)


def _linked(entities: Iterable[T], record_ids: AbstractSet[str]) -> list[T]:
    return [one for one in entities if any(link.record_id in record_ids for link in one.links)]


def _replaced(
    links: tuple[RecordLink, ...], old: AbstractSet[str], new: RecordLink | None
) -> tuple[RecordLink, ...]:
    """Return the links with the new one in place of the old ones, each record once."""
    replaced = [new if link.record_id in old else link for link in links]
    return tuple(dict.fromkeys(link for link in replaced if link is not None))
