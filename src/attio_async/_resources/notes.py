"""Notes on records."""

import builtins
from datetime import datetime
from functools import partial

from attio_async_api.api.notes import create_note, delete_note, get_note, list_notes, update_note
from attio_async_api.models.create_note import CreateNote
from attio_async_api.models.note import Note
from attio_async_api.models.note_format import NoteFormat
from attio_async_api.models.update_note import UpdateNote
from attio_async_api.operations import CREATE_NOTE, DELETE_NOTE, GET_NOTE, LIST_NOTES, UPDATE_NOTE
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._workspace.arguments import (
    change,
    object_and_record_id,
    resource_id,
    timestamp,
)
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader


class Notes:
    """The notes of the workspace. A note may be named by its id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self, record: object = None, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Note]:
        """The notes on one record, or all notes of the workspace; the oldest first, which cannot be changed.

        Args:
            record: A Record, RecordRef or web address; None for all notes.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 50; by default 50.

        Attio: GET /v2/notes, read, retried, note:read, object_configuration:read, record_permission:read
        """
        parent_object, parent_record_id = (None, None) if record is None else object_and_record_id(record)
        build = partial(
            list_notes.build_request, parent_object=parent_object, parent_record_id=parent_record_id
        )
        return paginate(
            self._session, LIST_NOTES, build, list_reader(Note.from_dict), limit=limit, page_size=page_size
        )

    async def newest(self, record: object, *, max: int | None = None) -> builtins.list[Note]:
        """The notes on one record, the newest first.

        The API gives the oldest first and takes no date, so this reads all notes of the record, whatever `max`
        is: one request for every 50 of them.

        Args:
            record: A Record, RecordRef or web address.
            max: How many to return at most.

        Attio: GET /v2/notes, read, retried, note:read, object_configuration:read, record_permission:read
        """
        notes = await self.list(record)
        notes.reverse()  # the API's own order settles those without a date
        notes.sort(key=_written_at, reverse=True)
        return notes[:max]

    async def get(self, note: str | Note) -> Note:
        """One note.

        Raises:
            NotFound: There is no such note.

        Attio: GET /v2/notes/{note_id}, read, retried, note:read, object_configuration:read, record_permission:read
        """
        built = get_note.build_request(resource_id(note, "note_id"))
        return await self._session.one(GET_NOTE, built, Note.from_dict)

    async def create(
        self,
        record: object,
        *,
        title: str,
        content: str,
        format: NoteFormat = "plaintext",
        created_at: datetime | str | None = None,
        meeting: object = None,
    ) -> Note:
        r"""The new note.

        Args:
            record: What the note is on: a Record, RecordRef or web address.
            title: Its title, without any formatting.
            content: The text; ``\n`` starts a new line.
            format: What `content` is: "plaintext" or "markdown".
            created_at: When it was written, if that was earlier; with a time zone.
            meeting: The meeting it belongs to.

        Raises:
            CoercionError: An argument cannot be what it should be. Nothing was sent.
            NotFound: There is no such record.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could write it twice.

        Attio: POST /v2/notes, write, not repeated, note:read-write, object_configuration:read, record_permission:read
        """
        parent_object, parent_record_id = object_and_record_id(record)
        body = CreateNote(
            parent_object=parent_object,
            parent_record_id=parent_record_id,
            title=title,
            format=format,
            content=content,
            created_at=UNSET if created_at is None else timestamp(created_at, "created_at"),
            meeting_id=UNSET if meeting is None else resource_id(meeting, "meeting_id"),
        )
        return await self._session.one(CREATE_NOTE, create_note.build_request(body=body), Note.from_dict)

    async def update(
        self,
        note: str | Note,
        *,
        title: str | Unset = UNSET,
        content: str | Unset = UNSET,
        format: NoteFormat = "plaintext",
    ) -> Note:
        """The note with another title or other content; what is not given stays.

        New content takes the place of all the old: there is no appending.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            NotFound: There is no such note.

        Attio: PATCH /v2/notes/{note_id}, write, retried, note:read-write, object_configuration:read, record_permission:read
        """
        body = UpdateNote(
            title=title, content=content, format=UNSET if isinstance(content, Unset) else format
        )
        built = update_note.build_request(resource_id(note, "note_id"), body=change(body.to_dict()))
        return await self._session.one(UPDATE_NOTE, built, Note.from_dict)

    async def delete(self, note: str | Note) -> None:
        """Delete a note, for good.

        Raises:
            NotFound: There is no such note.

        Attio: DELETE /v2/notes/{note_id}, write, retried, note:read-write
        """
        await self._session.done(DELETE_NOTE, delete_note.build_request(resource_id(note, "note_id")))


def _written_at(note: Note) -> float:
    written: datetime | None = note.created_at
    return written.timestamp() if written else float("-inf")
