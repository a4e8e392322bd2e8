"""Comments on records and list entries, in threads."""

from collections.abc import Mapping
from typing import Any

import attrs

from .. import _timestamps
from .._errors import invalid, invalid_body, unrecognized, value_not_found
from .._events.publish import report_comment
from .._request.validation import BodyField
from .._workspace.entities import EntryLink, FakeComment, RecordLink
from .._workspace.entity_views import comment_view
from .call import (
    Handlers,
    OperationCall,
    camel_cased,
    data,
    entry_named,
    object_named,
    record_named,
    the,
)

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
_NEW = {
    "format": BodyField("string", options=("plaintext",)),
    "content": BodyField("string"),
    "author": BodyField("object", fields=_AUTHOR),
    "created_at": BodyField("string", required=False, form="timestamp"),
    **{name: field.optional() for name, field in _PLACES.items()},
}


def _create_comment(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    _check_place(body)
    author = call.workspace.member(body["author"]["id"])
    if author is None:
        raise value_not_found(f'workspace member with ID "{body["author"]["id"]}"')
    place = _place(call, body)
    comment_id = call.workspace.new_id()
    comment = FakeComment(
        id=comment_id,
        created_at=_timestamps.read_timestamp(body.get("created_at", call.author.stamp.now)),
        created_by={"type": "workspace-member", "id": author.id},
        content=body["content"],
        thread_id=place.thread_id or comment_id,
        record=place.record,
        entry=place.entry,
    )
    call.workspace.data.things.comments[comment.id] = comment
    report_comment(call.workspace, comment, "created", call.author.stamp)
    return data(comment_view(call.workspace, comment))


def _get_comment(call: OperationCall) -> object:
    comments = call.workspace.data.things.comments
    return data(comment_view(call.workspace, the(comments, call, "comment_id")))


def _delete_comment(call: OperationCall) -> object:
    comments = call.workspace.data.things.comments
    comment = the(comments, call, "comment_id")
    gone = (
        [one for one in comments.values() if one.thread_id == comment.thread_id]
        if comment.is_head
        else [comment]
    )
    for one in gone:
        del comments[one.id]
        report_comment(call.workspace, one, "deleted", call.author.stamp)
    return {}


def _check_place(body: Mapping[str, Any]) -> None:
    given = [name for name in _PLACES if name in body]
    if not given:
        raise invalid_body(invalid(["data"], f"Expected one of: {', '.join(_PLACES)}"))
    if len(given) > 1:
        raise invalid_body(unrecognized(["data"], given[1:]))


@attrs.frozen
class _CommentTarget:
    """Where a comment goes; without a thread it begins one."""

    record: RecordLink
    entry: EntryLink | None = None
    thread_id: str | None = None


def _place(call: OperationCall, body: Mapping[str, Any]) -> _CommentTarget:
    if "thread_id" in body:
        head = call.workspace.data.things.comments.get(body["thread_id"])
        if head is None or not head.is_head:
            raise value_not_found(f'thread with ID "{body["thread_id"]}"')
        return _CommentTarget(head.record, head.entry, head.id)
    if "record" in body:
        named = body["record"]
        return _CommentTarget(record_named(call, named["object"], named["record_id"], value_not_found))
    kind, entry = entry_named(call, body["entry"]["list"], body["entry"]["entry_id"], value_not_found)
    parent = object_named(call, entry.about.object, value_not_found)
    return _CommentTarget(RecordLink(parent.id, entry.about.record_id), EntryLink(kind.id, entry.id))


HANDLERS: Handlers = {
    "create_comment": camel_cased(_create_comment),
    "get_comment": _get_comment,
    "delete_comment": _delete_comment,
}
