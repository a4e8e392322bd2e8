"""Finding records of several objects by what they are called."""

from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._query import search
from .._query.sql import select
from .._request.validation import BodyField, issues_of
from .._schema import FakeRecord, ObjectType
from .._workspace.views import record_view
from .call import Handlers, OperationCall, data

_QUERY = {"sql": BodyField("string", shortest=1)}


def _run_sql(call: OperationCall) -> object:
    query = call.request.fields(_QUERY)["sql"]
    return data({"rows": select(call.workspace, query, call.author.stamp.now)})


_MOST = 25


_SEARCH = {
    "query": BodyField("string", longest=256),
    "objects": BodyField("array", items=BodyField("string"), shortest=1),
    "request_as": BodyField("object"),
    "limit": BodyField("number", required=False),
}


_TYPE = BodyField("string", options=("workspace", "workspace-member"))


_MEMBER_KEYS = {
    "workspace_member_id": BodyField("string", form="uuid"),
    "email_address": BodyField("string", form="email"),
}


_MORE = {"people": ("email_addresses", "phone_numbers"), "companies": ("domains",)}


"""Attributes that are told of some objects besides."""


def _search_records(call: OperationCall) -> object:
    body = call.request.fields(_SEARCH)
    limit = body.get("limit", _MOST)
    if limit != int(limit) or not 1 <= limit <= _MOST:
        raise invalid_body(invalid(["limit"], f"Expected a whole number from 1 to {_MOST}"))
    _check_asker(call, body["request_as"])
    kinds = [_object(call, name) for name in dict.fromkeys(body["objects"])]
    found = [
        _shown(call, kind, record)
        for kind, record in search.search(kinds, call.workspace, body["query"])
        if not call.workspace.is_merging(record.id, call.author.stamp.now)
    ]
    return data(found[: int(limit)])


def _object(call: OperationCall, name: str) -> ObjectType:
    kind = call.workspace.object_type(name)
    if kind is None:
        raise value_not_found(f'object with slug/ID "{name}"')
    return kind


def _check_asker(call: OperationCall, asker: Mapping[str, Any]) -> None:
    """In whose name is searched: the whole workspace's, or that of a member who has to exist."""
    keys = [key for key in _MEMBER_KEYS if key in asker]
    fields = {"type": _TYPE}
    if asker.get("type") == "workspace-member":
        key = keys[0] if keys else "workspace_member_id"
        fields[key] = _MEMBER_KEYS[key]
    issues = issues_of(asker, fields, ["request_as"])
    if issues:
        raise invalid_body(*issues)
    for key in keys:
        if call.workspace.member(asker[key]) is None:
            raise value_not_found(f'workspace member "{asker[key]}"')


def _shown(call: OperationCall, kind: ObjectType, record: FakeRecord) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": record_view(call.workspace, kind, record)["id"],
        "record_text": search.label(kind, record),
        "record_image": search.image(kind, record),
        "object_slug": kind.slug,
    }
    for slug in _MORE.get(kind.slug, ()):
        shown[slug] = search.texts(kind, record, slug)
    return shown


HANDLERS: Handlers = {
    "search_records": _search_records,
    "run_sql": _run_sql,
}
