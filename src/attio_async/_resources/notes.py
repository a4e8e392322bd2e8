"""Notes on records."""

import builtins
from datetime import datetime
from functools import partial

from attio_async_api.api.notes import create_note, delete_note, get_note, list_notes, update_note
from attio_async_api.models.create_note import CreateNote
from attio_async_api.models.note import Note
from attio_async_api.models.note_format import NoteFormat
from attio_async_api.models.update_note import UpdateNote
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator, check_limit
from .._utils.public import public
from .._workspace.arguments import check_text, find_record, record_lookup, resource_id, timestamp
from .._workspace.collection import Collection
from .._workspace.session import Session
from ..values import RecordRef


@public
class Notes:
    """The notes of the workspace. Give a note by id, or as the `Note` that the API returned."""

    def __init__(self, session: Session) -> None:
        self._notes = Collection(
            session=session, parse=Note.from_dict, id_of=partial(resource_id, part="note_id")
        )

    def list(
        self, record: object = None, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[Note]:
        """List the notes on a record, or all notes of the workspace. The oldest come first; the API has no other order.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``; None for all notes.
            limit: The most notes to return; all by default.
            page_size: Notes per page, 1 to 50.

        Attio: GET /v2/notes, read, retried, note:read, object_configuration:read, record_permission:read
        """
        look_up = None
        if record is not None:
            session = self._notes.session
            look_up = record_lookup(session, record, "record", "parent_object", "parent_record_id")
        return self._notes.list(
            list_notes,
            look_up=look_up,
            limit=limit,
            page_size=page_size,
        )

    async def recent(self, record: object, *, limit: int | None = None) -> builtins.list[Note]:
        """Return the notes on a record, the newest first.

        The API returns the oldest first and cannot filter by date. So this reads all notes of the record whatever
        `limit` is: one request per 50 notes.

        Args:
            record: The record, as for `create`.
            limit: The most notes to return; all by default.

        Raises:
            CoercionError: It does not name a record. Nothing was sent.
            ConfigurationError: `limit` is not valid. Nothing was sent.

        Attio: GET /v2/notes, read, retried, note:read, object_configuration:read, record_permission:read
        """
        check_limit(limit)
        # https://docs.attio.com/rest-api/endpoint-reference/notes/list-notes
        notes = await self.list(RecordRef(*await find_record(self._notes.session, record)))
        notes.reverse()  # notes of the same time, or without one, keep the order of the API
        notes.sort(key=_created_at, reverse=True)
        return notes[:limit]

    async def get(self, note: str | Note) -> Note:
        """Return one note.

        Raises:
            NotFound: The note does not exist.

        Attio: GET /v2/notes/{note_id}, read, retried, note:read, object_configuration:read, record_permission:read
        """
        return await self._notes.get(get_note, note)

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
        r"""Create a note, and return it.

        Args:
            record: The record that the note is on: a Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``.
            title: The title, in plain text.
            content: The text; ``\n`` starts a new line.
            format: The format of `content`: "plaintext" or "markdown".
            created_at: When it was written, if that was earlier; with a time zone.
            meeting: The meeting that the note belongs to.

        Raises:
            CoercionError, ConfigurationError: An argument is not valid. Nothing was sent.
            NotFound: The record does not exist.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the note twice.

        Attio: POST /v2/notes, write, not repeated, note:read-write, object_configuration:read, record_permission:read
        """
        check_text(title, "title")
        check_text(content, "content")
        object_name, record_id = await find_record(self._notes.session, record)
        body = CreateNote(
            parent_object=object_name,
            parent_record_id=record_id,
            title=title,
            format=format,
            content=content,
            created_at=UNSET
            if created_at is None
            else timestamp(created_at, "created_at", self._notes.session.names.assume_tz),
            meeting_id=UNSET if meeting is None else resource_id(meeting, "meeting_id"),
        )
        return await self._notes.create(create_note, body)

    async def update(
        self,
        note: str | Note,
        *,
        title: str | Unset = UNSET,
        content: str | Unset = UNSET,
        format: NoteFormat = "plaintext",
    ) -> Note:
        """Replace the title or the content of a note, and return it. What is not given stays as it is.

        New content replaces all of the old: the API cannot append.

        Raises:
            ConfigurationError: Nothing to change was given, or it is not text. Nothing was sent.
            NotFound: The note does not exist.

        Attio: PATCH /v2/notes/{note_id}, write, retried, note:read-write, object_configuration:read, record_permission:read
        """
        for argument, text in (("title", title), ("content", content)):
            if not isinstance(text, Unset):
                check_text(text, argument)
        format_ = UNSET if isinstance(content, Unset) else format
        body = UpdateNote(title=title, content=content, format=format_)
        return await self._notes.update(update_note, note, body)

    async def delete(self, note: str | Note) -> None:
        """Delete a note for good.

        Raises:
            NotFound: The note does not exist.

        Attio: DELETE /v2/notes/{note_id}, write, retried, note:read-write
        """
        await self._notes.delete(delete_note, note)


def _created_at(note: Note) -> float:
    created: datetime | None = note.created_at
    return created.timestamp() if created else float("-inf")
