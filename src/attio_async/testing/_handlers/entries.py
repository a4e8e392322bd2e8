"""List entries."""

from collections.abc import Mapping
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._schema import ListType, Parent
from .._validation import BodyField
from .._workspace.find import find_object, find_row
from .._workspace.views import membership_view
from .._writes.writer import prepended, replaced
from .call import OperationCall, data, operation
from .records import delete_row, get_row, list_values, overwrite_values, query_rows, show_row, update_row

_VALUES = "entry_values"
_NEW = {
    "parent_record_id": BodyField("string", form="uuid"),
    "parent_object": BodyField("string"),
    _VALUES: BodyField("object"),
}


@operation
def query_entries(call: OperationCall) -> object:
    return query_rows(call, call.list_type())


@operation
def create_entry(call: OperationCall) -> object:
    kind = call.list_type()
    body = call.request.data(_NEW)
    return show_row(call, kind, call.writer(kind).create(body[_VALUES], _parent(call, kind, body)))


@operation
def assert_entry(call: OperationCall) -> object:
    kind = call.list_type()
    body = call.request.data(_NEW)
    return show_row(call, kind, call.writer(kind).assert_entry(_parent(call, kind, body), body[_VALUES]))


@operation
def get_entry(call: OperationCall) -> object:
    return get_row(call, call.list_type())


@operation
def update_entry(call: OperationCall) -> object:
    return update_row(call, call.list_type(), prepended, _VALUES)


@operation
def overwrite_entry(call: OperationCall) -> object:
    return update_row(call, call.list_type(), replaced, _VALUES)


@operation
def delete_entry(call: OperationCall) -> object:
    return delete_row(call, call.list_type())


@operation
def list_entry_attribute_values(call: OperationCall) -> object:
    return list_values(call, call.list_type())


@operation
def overwrite_entry_attribute_values(call: OperationCall) -> object:
    return overwrite_values(call, call.list_type())


@operation
def list_record_entries(call: OperationCall) -> object:
    record = call.row(call.object_type())
    page = call.request.page(100, most=1_000)
    entries = page.of(call.workspace.entries_about(record.id))
    return data([membership_view(call.workspace, entry) for entry in entries])


def _parent(call: OperationCall, kind: ListType, body: Mapping[str, Any]) -> Parent:
    """Return the record that an entry is to be about.

    Raises:
        ApiProblem: The record is unknown, or the list contains records of another object.
    """
    parent = find_object(call.workspace, body["parent_object"], value_not_found)
    if parent.slug != kind.parent_object:
        raise invalid_body(invalid(["data", "parent_object"], f"Expected {kind.parent_object!r}"))
    record = find_row(call.workspace, parent, body["parent_record_id"], value_not_found)
    return Parent(parent.slug, record.id)
