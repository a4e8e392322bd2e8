"""Comments on records and list entries, and replies to them."""

from datetime import datetime
from functools import partial
from typing import Any

from attio_async_api.api.comments import create_comment, delete_comment, get_comment
from attio_async_api.models.comment import Comment
from attio_async_api.models.create_comment import CreateComment
from attio_async_api.operations import CREATE_COMMENT, DELETE_COMMENT, GET_COMMENT
from attio_async_api.types import UNSET

from .._utils.public import public
from .._workspace.arguments import (
    list_and_entry_id,
    member_id,
    record_link,
    resource_id,
    timestamp,
)
from .._workspace.collection import Collection
from .._workspace.session import Session
from ..errors import ConfigurationError


@public
class Comments:
    """The comments of the workspace; `threads` lists them. Give a comment by id, or as the API returned it."""

    def __init__(self, session: Session) -> None:
        self._comments = Collection(
            session=session, parse=Comment.from_dict, id_of=partial(resource_id, part="comment_id")
        )

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
        """Start a thread on a record or entry with a comment, or reply in a thread; return the comment.

        Args:
            content: Plain text.
            author: The member who writes it, by id or as the API returned it.
            record: A Record, RecordRef or address in the app. Give one of this, `entry` and `thread`.
            entry: An Entry, or ``{"list": slug, "entry_id": id}``.
            thread: The thread to reply in.
            created_at: When it was written, if that was earlier; with a time zone.

        Raises:
            ConfigurationError: None or several of `record`, `entry` and `thread` were given. Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.
            ValueNotFound: The record, entry, thread or member does not exist. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the comment twice.

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
        return await self._comments.create(CREATE_COMMENT, create_comment.build_request, body)

    async def get(self, comment: str | Comment) -> Comment:
        """Return one comment.

        Raises:
            NotFound: The comment does not exist.

        Attio: GET /v2/comments/{comment_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        return await self._comments.get(GET_COMMENT, get_comment.build_request, comment)

    async def delete(self, comment: str | Comment) -> None:
        """Delete a comment for good. If it is the first of a thread, all replies are deleted, too.

        Raises:
            NotFound: The comment does not exist.

        Attio: DELETE /v2/comments/{comment_id}, write, retried, comment:read-write
        """
        await self._comments.delete(DELETE_COMMENT, delete_comment.build_request, comment)


def _place(record: object, entry: object, thread: object) -> dict[str, Any]:
    # https://docs.attio.com/rest-api/endpoint-reference/comments/create-a-comment
    if sum(place is not None for place in (record, entry, thread)) != 1:
        raise ConfigurationError("a comment is on a record, on an entry or in a thread; give one of them")
    if record is not None:
        return {"record": record_link(record, "record")}
    if entry is not None:
        list_id, entry_id = list_and_entry_id(entry)
        return {"entry": {"list": list_id, "entry_id": entry_id}}
    return {"thread_id": resource_id(thread, "thread_id")}
