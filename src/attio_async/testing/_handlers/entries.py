"""List entries."""

import re
from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._request.validation import BodyField
from .._schema import FakeRecord, ListType, Parent
from .._workspace import views
from .._writes.relationships import forget
from .._writes.writer import Merge, prepended, replaced
from .call import Handlers, OperationCall, data, found

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VALUES = {"entry_values": BodyField("object")}
_WHOLE = {"parent_record_id": BodyField("string"), "parent_object": BodyField("string"), **_VALUES}
_DEFAULT_LIMIT = 100
_MOST = 1000


def _query_entries(call: OperationCall) -> object:
    kind = call.list_type()
    values = views.AllValues(call.workspace, kind)
    return data([views.entry_view(call.workspace, kind, entry, values) for entry in found(call, kind)])


def _create_entry(call: OperationCall) -> object:
    kind = call.list_type()
    body = call.request.data(_WHOLE)
    parent = parent_in(call, kind, body)
    return data(_shown(call, kind, call.writer(kind).create(body["entry_values"], parent)))


def _assert_entry(call: OperationCall) -> object:
    kind = call.list_type()
    body = call.request.data(_WHOLE)
    parent = parent_in(call, kind, body)
    return data(_shown(call, kind, call.writer(kind).assert_entry(parent, body["entry_values"])))


def _get_entry(call: OperationCall) -> object:
    kind = call.list_type()
    return data(_shown(call, kind, call.entry(kind)))


def _update_entry(call: OperationCall) -> object:
    return _merge(call, prepended)


def _overwrite_entry(call: OperationCall) -> object:
    return _merge(call, replaced)


def _merge(call: OperationCall, merge: Merge) -> object:
    kind = call.list_type()
    entry = call.entry(kind)
    values: Mapping[str, object] = call.request.data(_VALUES)["entry_values"]
    return data(_shown(call, kind, call.writer(kind).update(entry, values, merge)))


def _delete_entry(call: OperationCall) -> object:
    forget(call.workspace, call.entry(call.list_type()), call.author.stamp)
    return {}


def _list_record_entries(call: OperationCall) -> object:
    record = call.record(call.object_type())
    page = call.request.page(_DEFAULT_LIMIT, most=_MOST)
    entries = page.of(call.workspace.entries_about(record.id))
    return data([views.membership_view(call.workspace, entry) for entry in entries])


def parent_in(call: OperationCall, kind: ListType, body: Mapping[str, Any]) -> Parent:
    """The record that an entry is to be about.

    Raises:
        ApiProblem: There is no such record, or the list holds records of another object.
    """
    name, record_id = body["parent_object"], body["parent_record_id"]
    if not _UUID.fullmatch(record_id):
        raise invalid_body(invalid(["data", "parent_record_id"], "Invalid uuid"))
    parent = call.workspace.object_type(name)
    if parent is None:
        raise value_not_found(f'object with slug/ID "{name}"')
    if parent.slug != kind.parent_object:
        raise invalid_body(invalid(["data", "parent_object"], f"Expected {kind.parent_object!r}"))
    if call.workspace.record(parent, record_id) is None:
        raise value_not_found(f'record with ID "{record_id}" of object "{parent.slug}"')
    return Parent(parent.slug, record_id)


def _shown(call: OperationCall, kind: ListType, entry: FakeRecord) -> dict[str, Any]:
    return views.entry_view(call.workspace, kind, entry)


HANDLERS: Handlers = {
    "query_entries": _query_entries,
    "create_entry": _create_entry,
    "assert_entry": _assert_entry,
    "get_entry": _get_entry,
    "update_entry": _update_entry,
    "overwrite_entry": _overwrite_entry,
    "delete_entry": _delete_entry,
    "list_record_entries": _list_record_entries,
}
