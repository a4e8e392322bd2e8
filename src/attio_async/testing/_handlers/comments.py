"""Comments on records and list entries, and the threads that they belong to."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from .. import _timestamps
from .._errors import (
    forbidden,
    invalid,
    invalid_parameters,
    missing,
    not_found,
    value_not_found,
)
from .._events.publish import report_comment
from .._validation import BodyField, is_uuid
from .._workspace.entities import EntryLink, FakeComment, RecordLink
from .._workspace.entity_views import comment_view, entity_id
from .._workspace.find import find_list, find_member, find_object, find_record, find_row
from .call import OperationCall, camel_cased, data, operation, operations_on, paged, shown

_COMMENTS_PER_PAGE = 250
_COMMENTS_IN_LIST = 81
"""Comments of each thread in a list of threads: the first one and 80 replies."""

_PLACES = {
    "thread_id": BodyField("string", form="uuid"),
    "record": BodyField(
        "object", fields={"object": BodyField("string"), "record_id": BodyField("string", form="uuid")}
    ),
    "entry": BodyField("object", fields={"list": BodyField("string"), "entry_id": BodyField("string")}),
}
_AUTHOR = {
    "type": BodyField("string", options=("workspace-member",)),
    "id": BodyField("string", form="uuid"),
}
_CONTENT = {
    "format": BodyField("string", options=("plaintext",)),
    "content": BodyField("string"),
    "author": BodyField("object", fields=_AUTHOR),
    "created_at": BodyField("string", required=False, form="timestamp"),
}
_NEW = BodyField(
    "object",
    any_of=tuple(BodyField("object", fields={**_CONTENT, name: place}) for name, place in _PLACES.items()),
)

_show = shown(comment_view)


@attrs.frozen
class _Place:
    """The place of a comment. Without a thread it begins one."""

    record: RecordLink
    entry: EntryLink | None = None
    thread_id: str | None = None


@operation
@camel_cased
def create_comment(call: OperationCall) -> object:
    body = call.request.fields({"data": _NEW})["data"]
    author = find_member(call.workspace, body["author"]["id"], value_not_found)
    place = _place(call, body)
    comment_id = call.workspace.new_id()
    comment = FakeComment(
        id=comment_id,
        created_at=_timestamps.read_timestamp(body.get("created_at", call.stamp.now)),
        created_by={"type": "workspace-member", "id": author.id},
        content=body["content"],
        thread_id=place.thread_id or comment_id,
        record=place.record,
        entry=place.entry,
    )
    call.entities.comments[comment.id] = comment
    report_comment(call.workspace, comment, "created", call.stamp)
    return _show(call, comment)


def _delete(call: OperationCall, comment: FakeComment) -> object:
    if call.stamp.actor["type"] == "workspace-member" and comment.created_by != call.stamp.actor:
        raise forbidden("The token of a member can delete the member's own comments only.")
    for one in _comments_of(call, comment) if comment.is_head else [comment]:
        del call.entities.comments[one.id]
        report_comment(call.workspace, one, "deleted", call.stamp)
    return {}


@operation
def list_threads(call: OperationCall) -> object:
    page = call.request.page(10, most=50)
    heads = page.of(sorted(_heads(call), key=lambda head: head.created_at))
    return data([_summary(call, head) for head in heads])


@operation
def get_thread(call: OperationCall) -> object:
    page = call.request.cursor_page(_COMMENTS_PER_PAGE, most=_COMMENTS_PER_PAGE)
    after = call.request.timestamp("created_after")
    thread_id = call.request.parameters["thread_id"]
    head = call.entities.comments.get(thread_id)
    if head is None or not head.is_head:
        raise not_found(f'thread with ID "{thread_id}"')
    every = [one for one in _comments_of(call, head) if after is None or one.created_at > after]
    comments, cursor = page.of(every)
    return paged(_thread_view(call, head, comments), cursor)


def _place(call: OperationCall, body: Mapping[str, Any]) -> _Place:
    workspace = call.workspace
    if "thread_id" in body:
        head = call.entities.comments.get(body["thread_id"])
        if head is None or not head.is_head:
            raise value_not_found(f'thread with ID "{body["thread_id"]}"')
        return _Place(head.record, head.entry, head.id)
    if "record" in body:
        record = body["record"]
        return _Place(find_record(workspace, record["object"], record["record_id"], value_not_found))
    kind = find_list(workspace, body["entry"]["list"], value_not_found)
    entry = find_row(workspace, kind, body["entry"]["entry_id"], value_not_found)
    parent = find_object(workspace, entry.about.object)
    return _Place(RecordLink(parent.id, entry.about.record_id), EntryLink(kind.id, entry.id))


def _heads(call: OperationCall) -> list[FakeComment]:
    """Return the first comments of the threads on the record or entry in the query."""
    given = call.request.query()
    heads = [one for one in call.entities.comments.values() if one.is_head]
    if "entry_id" in given or "list" in given:
        issues = [missing([name], "string") for name in ("list", "entry_id") if not given.get(name)]
        if not issues and not is_uuid(given["entry_id"]):
            issues.append(invalid(["entry_id"], "Invalid uuid"))
        if issues:
            raise invalid_parameters(*issues)
        kind = find_list(call.workspace, given["list"])
        entry = find_row(call.workspace, kind, given["entry_id"])
        return [head for head in heads if head.entry is not None and head.entry.entry_id == entry.id]
    record = call.queried_record("object", "record_id", required=True)
    return [head for head in heads if head.entry is None and head.record == record]


def _comments_of(call: OperationCall, head: FakeComment) -> list[FakeComment]:
    """Return the comments of a thread, the first one first and the others by age."""
    comments = [one for one in call.entities.comments.values() if one.thread_id == head.id]
    return sorted(comments, key=lambda one: (not one.is_head, one.created_at))


def _summary(call: OperationCall, head: FakeComment) -> dict[str, Any]:
    comments = _comments_of(call, head)
    shown = _thread_view(call, head, comments[:_COMMENTS_IN_LIST])
    return {**shown, "has_more_comments": len(comments) > _COMMENTS_IN_LIST}


def _thread_view(call: OperationCall, head: FakeComment, comments: Sequence[FakeComment]) -> dict[str, Any]:
    return {
        "id": entity_id(call.workspace, "thread", head.id),
        "created_at": head.created_at,
        "comments": [comment_view(call.workspace, comment) for comment in comments],
    }


operations_on(
    lambda call: call.entity(call.entities.comments, "comment_id"),
    get_comment=_show,
    delete_comment=_delete,
)
