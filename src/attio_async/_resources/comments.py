"""Comments on records and list entries, and the threads that they are in."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import attrs

from attio_async_api.api.comments import create_comment, delete_comment, get_comment
from attio_async_api.api.threads import get_thread, list_threads
from attio_async_api.models.comment import Comment
from attio_async_api.models.create_comment import CreateComment
from attio_async_api.models.thread import Thread
from attio_async_api.models.thread_summary import ThreadSummary
from attio_async_api.types import UNSET

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._workspace.arguments import (
    check_text,
    find_entry,
    find_link,
    find_member_id,
    list_and_entry_id,
    optional_timestamp,
    record_lookup,
    resource_id,
    timestamp,
)
from .._workspace.collection import Collection
from .._workspace.list_page import paginate
from .._workspace.session import Session, item_reader, list_reader
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
            author: The member who writes it, by id, e-mail address or full name, or as the API returned it.
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``. Give one of this, `entry` and `thread`.
            entry: An Entry, or ``{"list": name, "entry_id": id}``.
            thread: The thread to reply in.
            created_at: When it was written, if that was earlier; with a time zone.

        Raises:
            ConfigurationError: None or several of `record`, `entry` and `thread` were given, or `content` is not text.
                Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.
            ValueNotFound: The record, entry, thread or member does not exist. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again, since that could create the comment twice.

        Attio: POST /v2/comments, write, not repeated, comment:read-write;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        check_text(content, "content")
        body = CreateComment(
            format="plaintext",
            content=content,
            author={
                "type": "workspace-member",
                "id": await find_member_id(self._comments.session, author, "author"),
            },
            created_at=UNSET
            if created_at is None
            else timestamp(created_at, "created_at", self._comments.session.names.assume_tz),
            **await _place(self._comments.session, record, entry, thread),
        )
        return await self._comments.create(create_comment, body)

    async def get(self, comment: str | Comment) -> Comment:
        """Return one comment.

        Raises:
            NotFound: The comment does not exist.

        Attio: GET /v2/comments/{comment_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        return await self._comments.get(get_comment, comment)

    async def delete(self, comment: str | Comment) -> None:
        """Delete a comment for good. If it is the first of a thread, all replies are deleted, too.

        Raises:
            NotFound: The comment does not exist.

        Attio: DELETE /v2/comments/{comment_id}, write, retried, comment:read-write
        """
        await self._comments.delete(delete_comment, comment)


async def _place(session: Session, record: object, entry: object, thread: object) -> dict[str, Any]:
    # https://docs.attio.com/rest-api/endpoint-reference/comments/create-a-comment
    if sum(place is not None for place in (record, entry, thread)) != 1:
        raise ConfigurationError("a comment is on a record, on an entry or in a thread; give one of them")
    if record is not None:
        return {"record": await find_link(session, record, "record")}
    if entry is not None:
        list_id, entry_id = await find_entry(session, entry)
        return {"entry": {"list": list_id, "entry_id": entry_id}}
    return {"thread_id": resource_id(thread, "thread_id")}


@public
class Threads:
    """The comment threads of the workspace. Give a thread by id, or as the API returned it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self,
        *,
        record: object = None,
        entry: object = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ThreadSummary]:
        """List the threads on a record or an entry, each with its first comments.

        If `has_more_comments` is true, `comments` and `get` have the rest.

        Args:
            record: A Record, RecordRef, address in the app or ``Ref("companies", domain="example.com")``. Give either this or `entry`.
            entry: An Entry, or ``{"list": name, "entry_id": id}``.
            limit: The most threads to return; all by default.
            page_size: Threads per page, 1 to 50.

        Raises:
            ConfigurationError: Neither or both of `record` and `entry` were given. Nothing was sent.

        Attio: GET /v2/threads, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        # https://docs.attio.com/rest-api/endpoint-reference/threads/list-threads
        if (record is None) == (entry is None):
            raise ConfigurationError("threads are on a record or on an entry; give one of them")
        if record is not None:
            look_up = record_lookup(self._session, record, "record", "object_", "record_id")
        else:
            list_and_entry_id(entry)
            look_up = partial(_entry_fields, self._session, entry)
        read = list_reader(ThreadSummary.from_dict)
        return paginate(self._session, list_threads, read, limit=limit, page_size=page_size, look_up=look_up)

    async def get(self, thread: str | Thread | ThreadSummary) -> Thread:
        """Return one thread with all its comments: one request per 250 comments.

        Its `raw` is the response to the first of these requests.

        Raises:
            NotFound: The thread does not exist.

        Attio: GET /v2/threads/{thread_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        id_ = resource_id(thread, "thread_id")
        parts = await paginate(self._session, get_thread, lambda body: [_read(body)], id_)
        return attrs.evolve(parts[0], comments=[comment for part in parts for comment in part.comments])

    def comments(
        self,
        thread: str | Thread | ThreadSummary,
        *,
        created_after: datetime | str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Comment]:
        """List the comments of a thread.

        Args:
            thread: The thread.
            created_after: Only comments created later; with a time zone.
            limit: The most comments to return; all by default.
            page_size: Comments per page, 1 to 250.

        Attio: GET /v2/threads/{thread_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        return paginate(
            self._session,
            get_thread,
            lambda body: _read(body).comments,
            resource_id(thread, "thread_id"),
            created_after=optional_timestamp(created_after, "created_after", self._session.names.assume_tz),
            limit=limit,
            page_size=page_size,
        )


async def _entry_fields(session: Session, entry: object) -> Mapping[str, object]:
    list_name, entry_id = await find_entry(session, entry)
    return {"list_": list_name, "entry_id": entry_id}


_read = item_reader(Thread.from_dict)
