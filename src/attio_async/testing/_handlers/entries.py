"""List entries."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from .._errors import invalid, invalid_body, value_not_found
from .._schema import ListType, Parent
from .._validation import BodyField
from .._workspace.find import find_object, find_row
from .._workspace.views import membership_view
from .._writes.writer import prepended, replaced
from .call import OperationCall, data, operation, operations_on
from .records import delete_row, get_row, list_values, overwrite_values, query_rows, show_row, update_row

_VALUES = "entry_values"
_NEW = {
    "parent_record_id": BodyField("string", form="uuid"),
    "parent_object": BodyField("string"),
    _VALUES: BodyField("object"),
}


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


def _create(call: OperationCall, kind: ListType) -> object:
    body = call.request.data(_NEW)
    return show_row(call, kind, call.writer(kind).create(body[_VALUES], _parent(call, kind, body)))


def _assert(call: OperationCall, kind: ListType) -> object:
    body = call.request.data(_NEW)
    return show_row(call, kind, call.writer(kind).assert_entry(_parent(call, kind, body), body[_VALUES]))


operations_on(
    OperationCall.list_type,
    query_entries=query_rows,
    create_entry=_create,
    assert_entry=_assert,
    get_entry=get_row,
    update_entry=partial(update_row, merge=prepended, name=_VALUES),
    overwrite_entry=partial(update_row, merge=replaced, name=_VALUES),
    delete_entry=delete_row,
    list_entry_attribute_values=list_values,
    overwrite_entry_attribute_values=overwrite_values,
)
