"""Records."""

from collections.abc import Mapping
from typing import Any

from .. import views
from ..bodies import Field
from ..links import forget
from ..problems import invalid, invalid_parameters
from ..schema import ObjectType, Record
from ..writes import Merge, prepended, replaced
from .call import Call, Handlers, data
from .querying import found

_VALUES = {"values": Field("object")}


def _query_records(call: Call) -> object:
    kind = call.object_type()
    values = views.AllValues(call.workspace, kind)
    return data([views.record_view(call.workspace, kind, record, values) for record in found(call, kind)])


def _create_record(call: Call) -> object:
    kind = call.object_type()
    return data(_shown(call, kind, call.writer(kind).create(_values(call))))


def _assert_record(call: Call) -> object:
    kind = call.object_type()
    matching = call.request.query_values().get("matching_attribute")
    if not matching:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return data(_shown(call, kind, call.writer(kind).assert_record(matching, _values(call))))


def _get_record(call: Call) -> object:
    kind = call.object_type()
    return data(_shown(call, kind, call.record(kind)))


def _update_record(call: Call) -> object:
    return _merge(call, prepended)


def _overwrite_record(call: Call) -> object:
    return _merge(call, replaced)


def _merge(call: Call, merge: Merge) -> object:
    kind = call.object_type()
    record = call.record(kind)
    return data(_shown(call, kind, call.writer(kind).update(record, _values(call), merge)))


def _delete_record(call: Call) -> object:
    forget(call.workspace, call.record(call.object_type()), call.author.stamp)
    return {}


def _values(call: Call) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(_VALUES)["values"]
    return values


def _shown(call: Call, kind: ObjectType, record: Record) -> dict[str, Any]:
    return views.record_view(call.workspace, kind, record)


HANDLERS: Handlers = {
    "query_records": _query_records,
    "create_record": _create_record,
    "assert_record": _assert_record,
    "get_record": _get_record,
    "update_record": _update_record,
    "overwrite_record": _overwrite_record,
    "delete_record": _delete_record,
}
