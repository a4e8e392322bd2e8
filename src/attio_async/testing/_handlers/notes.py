"""Notes on records."""

from collections.abc import Mapping
from typing import Any

import attrs

from .. import _timestamps
from .._errors import ApiProblem, invalid, not_found
from .._events.publish import report_note
from .._markdown import plaintext
from .._request.validation import BodyField
from .._workspace.entities import FakeNote
from .._workspace.entity_views import note_view
from .call import Handlers, OperationCall, data, queried_record, record_named, the

_DEFAULT_LIMIT = 10
_MOST = 50
_LARGEST = 1_000_000
"""Bytes of content. The API has a limit too, but does not say which."""

_FORMAT = BodyField("string", options=("plaintext", "markdown"))
_NEW = {
    "parent_object": BodyField("string"),
    "parent_record_id": BodyField("string", form="uuid"),
    "title": BodyField("string"),
    "format": _FORMAT,
    "content": BodyField("string"),
    "created_at": BodyField("string", required=False, form="timestamp"),
    "meeting_id": BodyField("string", required=False, nullable=True, form="uuid"),
}
_CHANGED = {
    "title": BodyField("string", required=False),
    "format": _FORMAT.optional(),
    "content": BodyField("string", required=False),
}


def _list_notes(call: OperationCall) -> object:
    page = call.request.page(_DEFAULT_LIMIT, most=_MOST)
    about = queried_record(call, "parent_object", "parent_record_id")
    notes = call.workspace.data.things.notes.values()
    found = sorted((note for note in notes if about in (None, note.parent)), key=lambda note: note.created_at)
    return data([note_view(call.workspace, note) for note in page.of(found)])


def _create_note(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    things = call.workspace.data.things
    meeting_id = body.get("meeting_id")
    content = _content(body)
    parent = record_named(call, body["parent_object"], body["parent_record_id"], not_found)
    if meeting_id is not None and meeting_id not in things.meetings:
        raise not_found(f'meeting with ID "{meeting_id}"')
    stamp = call.author.stamp
    note = FakeNote(
        id=call.workspace.new_id(),
        created_at=_timestamps.read_timestamp(body.get("created_at", stamp.now)),
        created_by=stamp.actor,
        parent=parent,
        title=body["title"],
        meeting_id=meeting_id,
        **content,
    )
    things.notes[note.id] = note
    report_note(call.workspace, note, "note.created", stamp)
    return data(note_view(call.workspace, note))


def _get_note(call: OperationCall) -> object:
    return data(note_view(call.workspace, the(call.workspace.data.things.notes, call, "note_id")))


def _update_note(call: OperationCall) -> object:
    notes = call.workspace.data.things.notes
    before = the(notes, call, "note_id")
    body = call.request.data(_CHANGED)
    content = _content(body) if "content" in body else {}
    changes: dict[str, Any] = {"title": body.get("title", before.title), **content}
    note = attrs.evolve(before, **changes)
    notes[note.id] = note
    if note.title != before.title:
        report_note(call.workspace, note, "note.updated", call.author.stamp)
    if (note.plaintext, note.markdown) != (before.plaintext, before.markdown):
        report_note(call.workspace, note, "note-content.updated", call.author.stamp)
    return data(note_view(call.workspace, note))


def _delete_note(call: OperationCall) -> object:
    notes = call.workspace.data.things.notes
    note = notes.pop(the(notes, call, "note_id").id)
    report_note(call.workspace, note, "note.deleted", call.author.stamp)
    return {}


def _content(body: Mapping[str, Any]) -> dict[str, str]:
    text: str = body["content"]
    if len(text.encode(errors="replace")) > _LARGEST:
        issue = invalid(["data", "content"], "The content is too large")
        extra = {"validation_errors": [issue]}
        raise ApiProblem(413, "validation_type", "Body payload validation error.", extra=extra)
    is_markdown = body.get("format") == "markdown"
    return {"plaintext": plaintext(text) if is_markdown else text, "markdown": text}


HANDLERS: Handlers = {
    "list_notes": _list_notes,
    "create_note": _create_note,
    "get_note": _get_note,
    "update_note": _update_note,
    "delete_note": _delete_note,
}
