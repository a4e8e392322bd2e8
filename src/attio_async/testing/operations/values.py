"""The values of one attribute of a record or entry, as they are and as they were; writing their past."""

from .. import views
from ..histories import HISTORY, rewrite_history
from ..problems import invalid, invalid_body, invalid_parameters
from ..schema import Attribute, Kind, Record, Value
from .call import Call, Handlers, data

_SYSTEM_WITH_HISTORY = frozenset({"record_id", "entry_id", "created_at", "created_by"})


def _list_record_attribute_values(call: Call) -> object:
    kind = call.object_type()
    return _listed(call, kind, call.record(kind))


def _list_entry_attribute_values(call: Call) -> object:
    kind = call.list_type()
    return _listed(call, kind, call.entry(kind))


def _overwrite_record_attribute_values(call: Call) -> object:
    kind = call.object_type()
    return _overwritten(call, kind, call.record(kind))


def _overwrite_entry_attribute_values(call: Call) -> object:
    kind = call.list_type()
    return _overwritten(call, kind, call.entry(kind))


def _listed(call: Call, kind: Kind, record: Record) -> object:
    attribute = call.attribute(kind)
    values = record.values.get(attribute.slug, [])
    if call.asks_for("show_historic"):
        values = _with_history(record, attribute, values)
    return data(call.request.page(None).of(views.values_view(call.workspace, kind, attribute, values)))


def _with_history(record: Record, attribute: Attribute, values: list[Value]) -> list[Value]:
    is_enriched = (
        attribute.is_system and not attribute.is_writable and attribute.slug not in _SYSTEM_WITH_HISTORY
    )
    if is_enriched or attribute.type == "interaction":
        raise invalid_parameters(
            invalid(["show_historic"], f'Attribute with slug "{attribute.slug}" has no history')
        )
    every = [*record.history.get(attribute.slug, []), *values]
    return sorted(every, key=lambda value: str(value["active_from"]))


def _overwritten(call: Call, kind: Kind, record: Record) -> object:
    attribute = call.attribute(kind)
    body = call.request.data(HISTORY)
    if body["replace_history"] is not True:
        raise invalid_body(invalid(["data", "replace_history"], "Expected true"))
    values = rewrite_history(call.writer(kind), record, attribute, body["values"])
    return data(views.values_view(call.workspace, kind, attribute, values))


HANDLERS: Handlers = {
    "list_record_attribute_values": _list_record_attribute_values,
    "list_entry_attribute_values": _list_entry_attribute_values,
    "overwrite_record_attribute_values": _overwrite_record_attribute_values,
    "overwrite_entry_attribute_values": _overwrite_entry_attribute_values,
}
