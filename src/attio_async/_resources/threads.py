"""Threads of comments on records and list entries."""

from datetime import datetime
from functools import partial

import attrs

from attio_async_api.api.threads import get_thread, list_threads
from attio_async_api.models.comment import Comment
from attio_async_api.models.thread import Thread
from attio_async_api.models.thread_summary import ThreadSummary
from attio_async_api.operations import GET_THREAD, LIST_THREADS

from .._pagination.paginator import Paginator
from .._workspace.arguments import (
    list_and_entry_id,
    object_and_record_id,
    resource_id,
    timestamp,
)
from .._workspace.list_page import paginate
from .._workspace.session import Session, item_reader, list_reader
from ..errors import ConfigurationError


class Threads:
    """The comment threads of the workspace."""

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
        """The threads on a record or an entry, each with its first comments.

        Where `has_more_comments` is true, `comments` and `get` have the rest.

        Args:
            record: A Record, RecordRef or web address. Give this or `entry`.
            entry: An Entry, or ``{"list": slug, "entry_id": id}``.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 50; by default 50.

        Raises:
            ConfigurationError: Not exactly one of record and entry was given.

        Attio: GET /v2/threads, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        if (record is None) == (entry is None):
            raise ConfigurationError("threads are on a record or on an entry: give one of them")
        if record is not None:
            target, record_id = object_and_record_id(record)
            build = partial(list_threads.build_request, object_=target, record_id=record_id)
        else:
            list_id, entry_id = list_and_entry_id(entry)
            build = partial(list_threads.build_request, list_=list_id, entry_id=entry_id)
        return paginate(
            self._session,
            LIST_THREADS,
            build,
            list_reader(ThreadSummary.from_dict),
            limit=limit,
            page_size=page_size,
        )

    async def get(self, thread: str | Thread | ThreadSummary) -> Thread:
        """One thread with all its comments: one request for every 250 of them.

        Its `raw` is the answer to the first of these requests.

        Raises:
            NotFound: There is no such thread.

        Attio: GET /v2/threads/{thread_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        build = partial(get_thread.build_request, resource_id(thread, "thread_id"))
        parts = await paginate(self._session, GET_THREAD, build, lambda body: [_read(body)])
        return attrs.evolve(parts[0], comments=[comment for part in parts for comment in part.comments])

    def comments(
        self,
        thread: str | Thread | ThreadSummary,
        *,
        created_after: datetime | str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Comment]:
        """The comments of a thread.

        Args:
            thread: Which thread.
            created_after: Only those written later; with a time zone.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 250; by default 250.

        Attio: GET /v2/threads/{thread_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        build = partial(
            get_thread.build_request,
            resource_id(thread, "thread_id"),
            created_after=None if created_after is None else timestamp(created_after, "created_after"),
        )
        return paginate(
            self._session,
            GET_THREAD,
            build,
            lambda body: _read(body).comments,
            limit=limit,
            page_size=page_size,
        )


_read = item_reader(Thread.from_dict)
