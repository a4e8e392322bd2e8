"""Records."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .._errors import ApiProblem, invalid, invalid_body, invalid_parameters, merge_in_progress
from .._request.validation import BodyField
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ObjectType,
    Value,
)
from .._timestamps import iso_nanoseconds
from .._workspace import views
from .._writes.history import HISTORY, rewrite_history
from .._writes.merge import merge_records
from .._writes.relationships import forget
from .._writes.writer import Merge, prepended, replaced
from .call import (
    Handlers,
    OperationCall,
    Reply,
    data,
    found,
)

_MERGE = {
    "primary_record_id": BodyField("string", form="uuid"),
    "secondary_record_id": BodyField("string", form="uuid"),
}


def _merge_records(call: OperationCall) -> object:
    kind = call.object_type()
    body = call.request.data(_MERGE)
    primary = _found(call, kind, body["primary_record_id"])
    secondary = _found(call, kind, body["secondary_record_id"])
    if primary is secondary:
        raise ApiProblem(400, "self_merge", "A record cannot be merged with itself.")
    workspace, stamp = call.workspace, call.author.stamp
    record = merge_records(workspace, kind, primary, secondary, stamp)
    answer = data({"new_record_id": record.id})
    if not workspace.data.merge_delay:
        return answer
    until = _later(stamp.now, workspace.data.merge_delay)
    workspace.data.merging.update(dict.fromkeys((primary.id, secondary.id, record.id), until))
    return Reply(202, answer)


def _found(call: OperationCall, kind: ObjectType, record_id: str) -> FakeRecord:
    if call.workspace.is_merging(record_id, call.author.stamp.now):
        raise merge_in_progress(record_id)
    record = call.workspace.record(kind, record_id)
    if record is None:
        message = f'Cannot find record with ID "{record_id}" of object "{kind.slug}".'
        raise ApiProblem(404, "value_not_found", message)
    return record


def _later(now: str, seconds: float) -> str:
    moment = datetime.fromisoformat(f"{now[:26]}+00:00") + timedelta(seconds=seconds)
    return iso_nanoseconds(moment.timestamp())


_SYSTEM_WITH_HISTORY = frozenset({"record_id", "entry_id", "created_at", "created_by"})


def _list_record_attribute_values(call: OperationCall) -> object:
    kind = call.object_type()
    return _listed(call, kind, call.record(kind))


def _list_entry_attribute_values(call: OperationCall) -> object:
    kind = call.list_type()
    return _listed(call, kind, call.entry(kind))


def _overwrite_record_attribute_values(call: OperationCall) -> object:
    kind = call.object_type()
    return _overwritten(call, kind, call.record(kind))


def _overwrite_entry_attribute_values(call: OperationCall) -> object:
    kind = call.list_type()
    return _overwritten(call, kind, call.entry(kind))


def _listed(call: OperationCall, kind: Kind, record: FakeRecord) -> object:
    attribute = call.attribute(kind)
    values = record.values.get(attribute.slug, [])
    if call.asks_for("show_historic"):
        values = _with_history(record, attribute, values)
    return data(call.request.page(None).of(views.values_view(call.workspace, kind, attribute, values)))


def _with_history(record: FakeRecord, attribute: FakeAttribute, values: list[Value]) -> list[Value]:
    is_enriched = (
        attribute.is_system and not attribute.is_writable and attribute.slug not in _SYSTEM_WITH_HISTORY
    )
    if is_enriched or attribute.type == "interaction":
        raise invalid_parameters(
            invalid(["show_historic"], f'Attribute with slug "{attribute.slug}" has no history')
        )
    every = [*record.history.get(attribute.slug, []), *values]
    return sorted(every, key=lambda value: str(value["active_from"]))


def _overwritten(call: OperationCall, kind: Kind, record: FakeRecord) -> object:
    attribute = call.attribute(kind)
    body = call.request.data(HISTORY)
    if body["replace_history"] is not True:
        raise invalid_body(invalid(["data", "replace_history"], "Expected true"))
    values = rewrite_history(call.writer(kind), record, attribute, body["values"])
    return data(views.values_view(call.workspace, kind, attribute, values))


_VALUES = {"values": BodyField("object")}


def _query_records(call: OperationCall) -> object:
    kind = call.object_type()
    values = views.AllValues(call.workspace, kind)
    return data([views.record_view(call.workspace, kind, record, values) for record in found(call, kind)])


def _create_record(call: OperationCall) -> object:
    kind = call.object_type()
    return data(_shown(call, kind, call.writer(kind).create(_values(call))))


def _assert_record(call: OperationCall) -> object:
    kind = call.object_type()
    matching = call.request.query_values().get("matching_attribute")
    if not matching:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return data(_shown(call, kind, call.writer(kind).assert_record(matching, _values(call))))


def _get_record(call: OperationCall) -> object:
    kind = call.object_type()
    return data(_shown(call, kind, call.record(kind)))


def _update_record(call: OperationCall) -> object:
    return _merge(call, prepended)


def _overwrite_record(call: OperationCall) -> object:
    return _merge(call, replaced)


def _merge(call: OperationCall, merge: Merge) -> object:
    kind = call.object_type()
    record = call.record(kind)
    return data(_shown(call, kind, call.writer(kind).update(record, _values(call), merge)))


def _delete_record(call: OperationCall) -> object:
    forget(call.workspace, call.record(call.object_type()), call.author.stamp)
    return {}


def _values(call: OperationCall) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(_VALUES)["values"]
    return values


def _shown(call: OperationCall, kind: ObjectType, record: FakeRecord) -> dict[str, Any]:
    return views.record_view(call.workspace, kind, record)


HANDLERS: Handlers = {
    "query_records": _query_records,
    "create_record": _create_record,
    "assert_record": _assert_record,
    "get_record": _get_record,
    "update_record": _update_record,
    "overwrite_record": _overwrite_record,
    "delete_record": _delete_record,
    "merge_records": _merge_records,
    "list_record_attribute_values": _list_record_attribute_values,
    "list_entry_attribute_values": _list_entry_attribute_values,
    "overwrite_record_attribute_values": _overwrite_record_attribute_values,
    "overwrite_entry_attribute_values": _overwrite_entry_attribute_values,
}
