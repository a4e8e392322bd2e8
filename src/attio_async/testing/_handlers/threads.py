"""Threads: the comments that belong together."""

from typing import Any

from .._errors import (
    invalid,
    invalid_parameters,
    missing,
    not_found,
)
from .._request.validation import is_uuid
from .._workspace.entities import FakeComment
from .._workspace.entity_views import comment_view, thing_id
from .call import (
    Handlers,
    OperationCall,
    data,
    entry_named,
    pagination,
    queried_record,
)

_DEFAULT_LIMIT = 10
_MOST = 50
_COMMENTS = 250
_FIRST = 10
"""Comments of each thread in a list of threads."""


def _list_threads(call: OperationCall) -> object:
    page = call.request.page(_DEFAULT_LIMIT, most=_MOST)
    heads = page.of(sorted(_heads(call), key=lambda head: head.created_at))
    return data([_summary(call, head) for head in heads])


def _get_thread(call: OperationCall) -> object:
    page = call.request.cursor_page(_COMMENTS, _COMMENTS)
    after = call.request.moment("created_after")
    thread_id = call.request.parameters["thread_id"]
    head = call.workspace.data.things.comments.get(thread_id)
    if head is None or not head.is_head:
        raise not_found(f'thread with ID "{thread_id}"')
    wanted = [one for one in _comments_of(call, head) if after is None or one.created_at > after]
    comments, cursor = page.of(wanted)
    view = {
        **_opened(call, head),
        "comments": [comment_view(call.workspace, comment) for comment in comments],
    }
    return {**data(view), **pagination(cursor)}


def _heads(call: OperationCall) -> list[FakeComment]:
    """The first comments of the threads on the record, or the entry, that the query names."""
    given = call.request.query_values()
    heads = [one for one in call.workspace.data.things.comments.values() if one.is_head]
    if "entry_id" in given or "list" in given:
        issues = [missing([name], "string") for name in ("list", "entry_id") if not given.get(name)]
        if not issues and not is_uuid(given["entry_id"]):
            issues.append(invalid(["entry_id"], "Invalid uuid"))
        if issues:
            raise invalid_parameters(*issues)
        _, entry = entry_named(call, given["list"], given["entry_id"], not_found)
        return [head for head in heads if head.entry is not None and head.entry.entry_id == entry.id]
    record = queried_record(call, "object", "record_id", is_needed=True)
    return [head for head in heads if head.entry is None and head.record == record]


def _comments_of(call: OperationCall, head: FakeComment) -> list[FakeComment]:
    comments = call.workspace.data.things.comments.values()
    return sorted(
        (one for one in comments if one.thread_id == head.id),
        key=lambda one: (not one.is_head, one.created_at),
    )


def _summary(call: OperationCall, head: FakeComment) -> dict[str, Any]:
    comments = _comments_of(call, head)
    return {
        **_opened(call, head),
        "comments": [comment_view(call.workspace, comment) for comment in comments[:_FIRST]],
        "has_more_comments": len(comments) > _FIRST,
    }


def _opened(call: OperationCall, head: FakeComment) -> dict[str, Any]:
    return {"id": thing_id(call.workspace, "thread", head.id), "created_at": head.created_at}


HANDLERS: Handlers = {"list_threads": _list_threads, "get_thread": _get_thread}
