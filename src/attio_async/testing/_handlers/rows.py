"""The operations that records, list entries and activity records share."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import invalid, invalid_body, invalid_parameters, value_not_found, wrong_type
from .._query.query import FakeQuery
from .._request.validation import BodyField
from .._schema import FakeAttribute, FakeRecord, Kind, Value
from .._workspace import views
from .._writes import cascade
from .._writes.history import HISTORY, rewrite_history
from .._writes.writer import Merge
from .call import OperationCall, data

_DEFAULT_LIMIT = 500
_WITH_HISTORY = frozenset({"record_id", "entry_id", "created_at", "created_by"})
"""The read-only system attributes that have a history; the others are filled by enrichment."""


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
    values: Mapping[str, object] = call.request.data({name: BodyField("object")})[name]
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
