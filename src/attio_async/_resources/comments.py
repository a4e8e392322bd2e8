"""Comments on records and list entries, and replies to them."""

from datetime import datetime
from typing import Any

from attio_async_api.api.comments import create_comment, delete_comment, get_comment
from attio_async_api.models.comment import Comment
from attio_async_api.models.create_comment import CreateComment
from attio_async_api.operations import CREATE_COMMENT, DELETE_COMMENT, GET_COMMENT
from attio_async_api.types import UNSET

from .._workspace.arguments import (
    list_and_entry_id,
    member_id,
    record_link,
    resource_id,
    timestamp,
)
from .._workspace.session import Session
from ..errors import ConfigurationError


class Comments:
    """The comments of the workspace; `threads` lists them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def create(
        self,
        content: str,
        *,
        author: object,
        record: object = None,
        entry: object = None,
        thread: object = None,
        created_at: datetime | str | None = None,
    ) -> Comment:
        """The new comment: the first of a thread on a record or entry, or a reply in a thread.

        Args:
            content: Plain text.
            author: The member in whose name it is written: the id, or one that was read.
            record: What it is on: a Record, RecordRef or web address. Give this, `entry` or `thread`.
            entry: The list entry it is on: an Entry, or ``{"list": slug, "entry_id": id}``.
            thread: The thread it replies in.
            created_at: When it was written, if that was earlier; with a time zone.

        Raises:
            ConfigurationError: Not exactly one of record, entry and thread was given. Nothing was sent.
            CoercionError: An argument cannot be what it should be. Nothing was sent.
            ValueNotFound: There is no such record, entry, thread or member. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again, since that could write it twice.

        Attio: POST /v2/comments, write, not repeated, comment:read-write;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        body = CreateComment(
            format="plaintext",
            content=content,
            author={"type": "workspace-member", "id": member_id(author, "author")},
            created_at=UNSET if created_at is None else timestamp(created_at, "created_at"),
            **_place(record, entry, thread),
        )
        return await self._session.one(
            CREATE_COMMENT, create_comment.build_request(body=body), Comment.from_dict
        )

    async def get(self, comment: str | Comment) -> Comment:
        """One comment.

        Raises:
            NotFound: There is no such comment.

        Attio: GET /v2/comments/{comment_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        built = get_comment.build_request(resource_id(comment, "comment_id"))
        return await self._session.one(GET_COMMENT, built, Comment.from_dict)

    async def delete(self, comment: str | Comment) -> None:
        """Delete a comment, for good. With the first of a thread, all replies to it go too.

        Raises:
            NotFound: There is no such comment.

        Attio: DELETE /v2/comments/{comment_id}, write, retried, comment:read-write
        """
        built = delete_comment.build_request(resource_id(comment, "comment_id"))
        await self._session.done(DELETE_COMMENT, built)


def _place(record: object, entry: object, thread: object) -> dict[str, Any]:
    if sum(place is not None for place in (record, entry, thread)) != 1:
        raise ConfigurationError("a comment is on a record, on an entry or in a thread: give one of them")
    if record is not None:
        return {"record": record_link(record, "record")}
    if entry is not None:
        list_id, entry_id = list_and_entry_id(entry)
        return {"entry": {"list": list_id, "entry_id": entry_id}}
    return {"thread_id": resource_id(thread, "thread_id")}
