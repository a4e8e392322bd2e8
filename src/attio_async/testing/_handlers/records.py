"""Records, merging two of them, and the operations that list entries and activity records share with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from .._errors import ApiProblem, invalid, invalid_body, invalid_parameters, value_not_found, wrong_type
from .._query.query import FakeQuery
from .._schema import FakeAttribute, FakeRecord, Kind, ObjectType, Value
from .._timestamps import iso_nanoseconds
from .._validation import BodyField
from .._workspace import views
from .._workspace.find import find_row
from .._writes import cascade
from .._writes.history import HISTORY, rewrite_history
from .._writes.merge import merge
from .._writes.writer import Merge, prepended, replaced
from .call import OperationCall, Reply, data, operation, operations_on

_DEFAULT_LIMIT = 500
_WITH_HISTORY = frozenset({"record_id", "entry_id", "created_at", "created_by"})
"""The read-only system attributes that have a history; the others are filled by enrichment."""

_VALUES = {name: {name: BodyField("object")} for name in ("values", "entry_values")}
"""The body of a write, by the name of its values."""

_MERGE = {
    "primary_record_id": BodyField("string", form="uuid"),
    "secondary_record_id": BodyField("string", form="uuid"),
}


def show_row(call: OperationCall, kind: Kind, row: FakeRecord) -> object:
    """Answer with one row."""
    return data(views.row_view(call.workspace, kind, row))


def query_rows(call: OperationCall, kind: Kind) -> object:
    """Answer with the page of rows that the body asks for."""
    body = call.request.json()
    limit = _whole_number(body, "limit", _DEFAULT_LIMIT, least=1)
    offset = _whole_number(body, "offset", 0, least=0)
    for name, expected in (("filter", dict), ("sorts", list)):
        if not isinstance(body.get(name, expected()), expected):
            raise invalid_body(wrong_type([name], "object" if expected is dict else "array", body[name]))
    found = FakeQuery(call.workspace, kind).run(_filter(call, kind, body), body.get("sorts"))
    if call.workspace.data.merging:
        found = [row for row in found if not call.workspace.is_merging(row.id, call.stamp.now)]
    values = views.AllValues(call.workspace, kind)
    page = found[offset : offset + limit]
    return data([views.row_view(call.workspace, kind, row, values) for row in page])


def create_row(call: OperationCall, kind: Kind) -> object:
    """Create a record with the values in the body."""
    return show_row(call, kind, call.writer(kind).create(_values(call, "values")))


def assert_row(call: OperationCall, kind: Kind) -> object:
    """Create a record with the values in the body, or update the one that matches."""
    name = call.request.query().get("matching_attribute")
    if not name:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return show_row(call, kind, call.writer(kind).assert_record(name, _values(call, "values")))


def get_row(call: OperationCall, kind: Kind) -> object:
    """Answer with the row that the path names."""
    return show_row(call, kind, call.row(kind))


def update_row(call: OperationCall, kind: Kind, merge: Merge, name: str = "values") -> object:
    """Merge the values in the body, under `name`, into the row that the path names."""
    row = call.row(kind)
    return show_row(call, kind, call.writer(kind).update(row, _values(call, name), merge))


def delete_row(call: OperationCall, kind: Kind) -> object:
    """Delete the row that the path names."""
    cascade.delete(call.workspace, call.row(kind), call.stamp)
    return {}


def list_values(call: OperationCall, kind: Kind) -> object:
    """Answer with the values of one attribute of the row that the path names."""
    row, attribute = call.row(kind), call.attribute(kind)
    values = row.values.get(attribute.slug, [])
    if call.request.flag("show_historic"):
        values = _with_history(row, attribute, values)
    shown = views.values_view(call.workspace, kind, attribute, values)
    return data(call.request.page(None).of(shown))


def overwrite_values(call: OperationCall, kind: Kind) -> object:
    """Replace the values of one attribute of the row that the path names, and their history."""
    row, attribute = call.row(kind), call.attribute(kind)
    body = call.request.data(HISTORY)
    if body["replace_history"] is not True:
        raise invalid_body(invalid(["data", "replace_history"], "Expected true"))
    values = rewrite_history(call.writer(kind), row, attribute, body["values"])
    return data(views.values_view(call.workspace, kind, attribute, values))


def _values(call: OperationCall, name: str) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(_VALUES[name])[name]
    return values


def _filter(call: OperationCall, kind: Kind, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the filter in the body, or that of a saved view."""
    if "filter_view_id" not in body:
        return body.get("filter")
    if "filter" in body:
        raise invalid_body(invalid(["filter_view_id"], "Expected filter or filter_view_id, not both"))
    view = call.entities.views.get(str(body["filter_view_id"]))
    if view is None or view.kind_id != kind.id:
        raise value_not_found(f'view with ID "{body["filter_view_id"]}" of "{kind.slug}"')
    return view.filter


def _whole_number(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_body(wrong_type([name], "number", value))
    if value != int(value) or value < least:
        raise invalid_body(invalid([name], f"Expected a whole number from {least} up"))
    return int(value)


def _with_history(row: FakeRecord, attribute: FakeAttribute, values: Sequence[Value]) -> list[Value]:
    is_enriched = attribute.is_system and not attribute.is_writable and attribute.slug not in _WITH_HISTORY
    if is_enriched or attribute.type == "interaction":
        raise invalid_parameters(
            invalid(["show_historic"], f'Attribute with slug "{attribute.slug}" has no history')
        )
    every = [*row.history.get(attribute.slug, []), *values]
    return sorted(every, key=lambda value: str(value["active_from"]))


operations_on(
    OperationCall.object_type,
    query_records=query_rows,
    create_record=create_row,
    assert_record=assert_row,
    get_record=get_row,
    update_record=partial(update_row, merge=prepended),
    overwrite_record=partial(update_row, merge=replaced),
    delete_record=delete_row,
    list_record_attribute_values=list_values,
    overwrite_record_attribute_values=overwrite_values,
)


@operation
def merge_records(call: OperationCall) -> object:
    kind = call.object_type()
    body = call.request.data(_MERGE)
    primary = _merged(call, kind, body["primary_record_id"])
    secondary = _merged(call, kind, body["secondary_record_id"])
    if primary is secondary:
        raise ApiProblem(400, "self_merge", "A record cannot be merged with itself.")
    record = merge(call.workspace, kind, primary, secondary, call.stamp)
    answer = data({"new_record_id": record.id})
    if not call.workspace.data.merge_delay:
        return answer
    now = datetime.fromisoformat(f"{call.stamp.now[:26]}+00:00")
    until = iso_nanoseconds((now + timedelta(seconds=call.workspace.data.merge_delay)).timestamp())
    call.workspace.data.merging.update(dict.fromkeys((primary.id, secondary.id, record.id), until))
    return Reply(202, answer)


def _merged(call: OperationCall, kind: ObjectType, record_id: str) -> FakeRecord:
    call.check_merging(record_id)
    return find_row(
        call.workspace,
        kind,
        record_id,
        lambda what: ApiProblem(404, "value_not_found", f"Cannot find {what}."),
    )
