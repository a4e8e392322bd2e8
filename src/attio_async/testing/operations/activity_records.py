"""The records of activities: written and queried as those of objects are."""

from collections.abc import Mapping

from .. import views
from ..bodies import Field
from ..links import forget
from ..problems import invalid, invalid_parameters, not_found
from ..schema import ActivityType, Record
from ..writes import Merge, prepended, replaced
from .activities import activity_of
from .call import Call, Handlers, data
from .querying import found

_VALUES = {"values": Field("object")}


def _query_activity_records(call: Call) -> object:
    kind = activity_of(call)
    shown = [views.activity_record_view(call.workspace, kind, record) for record in found(call, kind)]
    return data(shown)


def _create_activity_record(call: Call) -> object:
    kind = activity_of(call)
    return _shown(call, kind, call.writer(kind).create(_values(call)))


def _assert_activity_record(call: Call) -> object:
    kind = activity_of(call)
    matching = call.request.query_values().get("matching_attribute")
    if not matching:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return _shown(call, kind, call.writer(kind).assert_record(matching, _values(call)))


def _get_activity_record(call: Call) -> object:
    kind = activity_of(call)
    return _shown(call, kind, _named(call, kind))


def _update_activity_record(call: Call) -> object:
    return _merge(call, prepended)


def _overwrite_activity_record(call: Call) -> object:
    return _merge(call, replaced)


def _merge(call: Call, merge: Merge) -> object:
    kind = activity_of(call)
    record = _named(call, kind)
    return _shown(call, kind, call.writer(kind).update(record, _values(call), merge))


def _delete_activity_record(call: Call) -> object:
    forget(call.workspace, _named(call, activity_of(call)), call.author.stamp)
    return {}


def _named(call: Call, kind: ActivityType) -> Record:
    record_id = call.request.parameters["record_id"]
    record = call.workspace.record(kind, record_id)
    if record is None:
        raise not_found(f'record with ID "{record_id}" of activity "{kind.slug}"')
    return record


def _values(call: Call) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(_VALUES)["values"]
    return values


def _shown(call: Call, kind: ActivityType, record: Record) -> object:
    return data(views.activity_record_view(call.workspace, kind, record))


HANDLERS: Handlers = {
    "query_activity_records": _query_activity_records,
    "create_activity_record": _create_activity_record,
    "assert_activity_record": _assert_activity_record,
    "get_activity_record": _get_activity_record,
    "overwrite_activity_record": _overwrite_activity_record,
    "update_activity_record": _update_activity_record,
    "delete_activity_record": _delete_activity_record,
}
