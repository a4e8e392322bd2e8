"""Search for records by what they are called, and by SQL."""

from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._query import search
from .._query.sql import select
from .._request.validation import BodyField, issues_of
from .._schema import FakeRecord, ObjectType
from .._workspace.find import find_member, find_object
from .._workspace.views import row_view
from .call import OperationCall, data, operation

_MAX_LIMIT = 25

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
_QUERY = {"sql": BodyField("string", shortest=1)}
_EXTRA_ATTRIBUTES = {"people": ("email_addresses", "phone_numbers"), "companies": ("domains",)}
"""Attributes that the results of some objects show as well."""


@operation
def search_records(call: OperationCall) -> object:
    body = call.request.fields(_SEARCH)
    limit = body.get("limit", _MAX_LIMIT)
    if limit != int(limit) or not 1 <= limit <= _MAX_LIMIT:
        raise invalid_body(invalid(["limit"], f"Expected a whole number from 1 to {_MAX_LIMIT}"))
    _check_request_as(call, body["request_as"])
    names = dict.fromkeys(body["objects"])
    kinds = [find_object(call.workspace, name, value_not_found) for name in names]
    found = [
        _result(call, kind, record)
        for kind, record in search.search(kinds, call.workspace, body["query"])
        if not call.workspace.is_merging(record.id, call.stamp.now)
    ]
    return data(found[: int(limit)])


@operation
def run_sql(call: OperationCall) -> object:
    query = call.request.fields(_QUERY)["sql"]
    return data({"rows": select(call.workspace, query, call.stamp.now)})


def _check_request_as(call: OperationCall, given: Mapping[str, Any]) -> None:
    """Refuse a search that is not in the name of the workspace or of an existing member."""
    keys = [key for key in _MEMBER_KEYS if key in given]
    fields = {"type": _TYPE}
    if given.get("type") == "workspace-member":
        key = keys[0] if keys else "workspace_member_id"
        fields[key] = _MEMBER_KEYS[key]
    issues = issues_of(given, fields, ["request_as"])
    if issues:
        raise invalid_body(*issues)
    for key in keys:
        find_member(call.workspace, given[key], value_not_found)


def _result(call: OperationCall, kind: ObjectType, record: FakeRecord) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": row_view(call.workspace, kind, record)["id"],
        "record_text": search.label(kind, record),
        "record_image": search.image(kind, record),
        "object_slug": kind.slug,
    }
    for slug in _EXTRA_ATTRIBUTES.get(kind.slug, ()):
        result[slug] = search.texts(kind, record, slug)
    return result
