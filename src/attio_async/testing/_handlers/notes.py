"""Notes on records."""

import re
from collections.abc import Mapping
from typing import Any

import attrs

from .. import _timestamps
from .._errors import invalid, invalid_body, not_found
from .._events.publish import report_note
from .._validation import BodyField
from .._workspace.entities import FakeNote
from .._workspace.entity_views import note_view
from .._workspace.find import find_record
from .call import OperationCall, data, operation, operations_on, shown

_MAX_CONTENT_BYTES = 1_000_000
"""Invented: the API has a limit as well, but does not publish it."""

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
_MARKDOWN = (
    (re.compile(r"^ {0,3}(?:#{1,6}|>)[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE), r"\1"),
    (re.compile(r"^ {0,3}(?:```.*|(?:[-*_][ \t]*){3,})$\n?", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)(.+?)(?<=\S)\1(?!\w)"), r"\2"),
)
"""Headings and quotes, bullets, fences and rules, links, strong text and code, emphasis; each with what remains."""

_show = shown(note_view)


@operation
def list_notes(call: OperationCall) -> object:
    page = call.request.page(10, most=50)
    about = call.queried_record("parent_object", "parent_record_id")
    notes = [note for note in call.entities.notes.values() if about in (None, note.parent)]
    notes.sort(key=lambda note: note.created_at)
    return data([note_view(call.workspace, note) for note in page.of(notes)])


@operation
def create_note(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    meeting_id = body.get("meeting_id")
    content = _content(body)
    parent = find_record(call.workspace, body["parent_object"], body["parent_record_id"])
    if meeting_id is not None and meeting_id not in call.entities.meetings:
        raise not_found(f'meeting with ID "{meeting_id}"')
    note = FakeNote(
        id=call.workspace.new_id(),
        created_at=_timestamps.read_timestamp(body.get("created_at", call.stamp.now)),
        created_by=call.stamp.actor,
        parent=parent,
        title=body["title"],
        meeting_id=meeting_id,
        **content,
    )
    call.entities.notes[note.id] = note
    report_note(call.workspace, note, "note.created", call.stamp)
    return _show(call, note)


def _update(call: OperationCall, before: FakeNote) -> object:
    body = call.request.data(_CHANGED)
    content = _content(body) if "content" in body else {}
    changes: dict[str, Any] = {"title": body.get("title", before.title), **content}
    note = attrs.evolve(before, **changes)
    call.entities.notes[note.id] = note
    if note.title != before.title:
        report_note(call.workspace, note, "note.updated", call.stamp)
    if (note.plaintext, note.markdown) != (before.plaintext, before.markdown):
        report_note(call.workspace, note, "note-content.updated", call.stamp)
    return _show(call, note)


def _delete(call: OperationCall, note: FakeNote) -> object:
    del call.entities.notes[note.id]
    report_note(call.workspace, note, "note.deleted", call.stamp)
    return {}


def _content(body: Mapping[str, Any]) -> dict[str, str]:
    text: str = body["content"]
    if len(text.encode(errors="replace")) > _MAX_CONTENT_BYTES:
        raise invalid_body(invalid(["data", "content"], "The content is too large"), status=413)
    is_markdown = body.get("format") == "markdown"
    return {"plaintext": plaintext(text) if is_markdown else text, "markdown": text}


def plaintext(markdown: str) -> str:
    """Return the text of a Markdown document without its markup."""
    for mark, text in _MARKDOWN:
        markdown = mark.sub(text, markdown)
    return markdown


operations_on(
    lambda call: call.entity(call.entities.notes, "note_id"),
    get_note=_show,
    update_note=_update,
    delete_note=_delete,
)
