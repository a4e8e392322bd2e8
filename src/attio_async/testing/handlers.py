"""What each modelled operation does with the workspace. An operation without a handler is answered with 501."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from . import views
from .links import forget
from .problems import invalid, invalid_body, invalid_parameters, not_found, not_modelled, wrong_type
from .query import Query
from .requests import Request
from .schema import Attribute, ObjectType, Record
from .state import Workspace
from .writes import Author, Merge, Writer, prepended, replaced

_DEFAULT_QUERY_LIMIT = 500


@attrs.frozen
class Call:
    """One request to one workspace, by one author."""

    workspace: Workspace
    request: Request
    author: Author

    def object_type(self) -> ObjectType:
        """The object that the path names."""
        name = self.request.parameters["object"]
        kind = self.workspace.object_type(name)
        if kind is None:
            raise not_found(f'object with slug/ID "{name}"')
        return kind

    def record(self, kind: ObjectType) -> Record:
        """The record that the path names."""
        record_id = self.request.parameters["record_id"]
        record = self.workspace.record(kind.slug, record_id)
        if record is None:
            raise not_found(f'record with ID "{record_id}" of object "{kind.slug}"')
        return record

    def target(self) -> ObjectType:
        """The object whose attributes the path is about."""
        if self.request.parameters["target"] == "lists":
            raise not_modelled("attributes of lists")
        name = self.request.parameters["identifier"]
        kind = self.workspace.object_type(name)
        if kind is None:
            raise not_found(f'object with slug/ID "{name}"')
        return kind

    def attribute(self, kind: ObjectType) -> Attribute:
        """The attribute that the path names."""
        name = self.request.parameters["attribute"]
        attribute = kind.attribute(name)
        if attribute is None:
            raise not_found(f'attribute with slug/ID "{name}"')
        return attribute

    def shows_archived(self) -> bool:
        """Whether the query asks for archived things too."""
        return self.request.query_values().get("show_archived") == "true"


def _data(value: object) -> dict[str, object]:
    return {"data": value}


def _list_objects(call: Call) -> object:
    return _data([views.object_view(call.workspace, kind) for kind in call.workspace.data.objects.values()])


def _get_object(call: Call) -> object:
    return _data(views.object_view(call.workspace, call.object_type()))


def _list_attributes(call: Call) -> object:
    kind = call.target()
    limit, offset = call.request.page(None)
    shown = [a for a in kind.attributes.values() if call.shows_archived() or not a.is_archived]
    end = None if limit is None else offset + limit
    return _data([views.attribute_view(call.workspace, kind, attribute) for attribute in shown[offset:end]])


def _get_attribute(call: Call) -> object:
    kind = call.target()
    return _data(views.attribute_view(call.workspace, kind, call.attribute(kind)))


def _list_select_options(call: Call) -> object:
    return _choices(call, "select", views.option_view)


def _list_statuses(call: Call) -> object:
    return _choices(call, "status", views.status_view)


def _choices(call: Call, attribute_type: str, view: Callable[..., dict[str, Any]]) -> object:
    kind = call.target()
    attribute = call.attribute(kind)
    if attribute.type != attribute_type:
        raise not_found(f'attribute of type {attribute_type} with slug/ID "{attribute.slug}"')
    shown = [choice for choice in attribute.choices if call.shows_archived() or not choice.is_archived]
    return _data([view(call.workspace, kind, attribute, choice) for choice in shown])


def _list_workspace_members(call: Call) -> object:
    return _data([views.member_view(call.workspace, member) for member in call.workspace.data.members])


def _get_workspace_member(call: Call) -> object:
    member_id = call.request.parameters["workspace_member_id"]
    for member in call.workspace.data.members:
        if member.id == member_id:
            return _data(views.member_view(call.workspace, member))
    raise not_found(f'workspace member with ID "{member_id}"')


def _query_records(call: Call) -> object:
    kind = call.object_type()
    body = call.request.json()
    if "filter_view_id" in body:
        raise not_modelled("queries by view")
    limit = _whole(body, "limit", _DEFAULT_QUERY_LIMIT, least=1)
    offset = _whole(body, "offset", 0, least=0)
    for name, expected in (("filter", dict), ("sorts", list)):
        if not isinstance(body.get(name, expected()), expected):
            raise invalid_body(wrong_type([name], "object" if expected is dict else "array", body[name]))
    found = Query(call.workspace, kind).run(body.get("filter"), body.get("sorts"))
    return _data([_shown(call, kind, record) for record in found[offset : offset + limit]])


def _whole(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_body(wrong_type([name], "number", value))
    if value != int(value) or value < least:
        raise invalid_body(invalid([name], f"Expected a whole number from {least} up"))
    return int(value)


def _create_record(call: Call) -> object:
    kind = call.object_type()
    return _data(_shown(call, kind, _writer(call, kind).create(_values(call))))


def _assert_record(call: Call) -> object:
    kind = call.object_type()
    matching = call.request.query_values().get("matching_attribute")
    if not matching:
        raise invalid_parameters(invalid(["matching_attribute"], "Required"))
    return _data(_shown(call, kind, _writer(call, kind).assert_record(matching, _values(call))))


def _get_record(call: Call) -> object:
    kind = call.object_type()
    return _data(_shown(call, kind, call.record(kind)))


def _update_record(call: Call) -> object:
    return _merge(call, prepended)


def _overwrite_record(call: Call) -> object:
    return _merge(call, replaced)


def _merge(call: Call, merge: Merge) -> object:
    kind = call.object_type()
    record = call.record(kind)
    return _data(_shown(call, kind, _writer(call, kind).update(record, _values(call), merge)))


def _delete_record(call: Call) -> object:
    forget(call.workspace, call.record(call.object_type()), call.author.stamp)
    return {}


def _writer(call: Call, kind: ObjectType) -> Writer:
    return Writer(call.workspace, kind, call.author)


def _values(call: Call) -> Mapping[str, object]:
    values: Mapping[str, object] = call.request.data(values=dict)["values"]
    return values


def _shown(call: Call, kind: ObjectType, record: Record) -> dict[str, Any]:
    return views.record_view(call.workspace, kind, record)


HANDLERS: Mapping[str, Callable[[Call], object]] = {
    "list_objects": _list_objects,
    "get_object": _get_object,
    "list_attributes": _list_attributes,
    "get_attribute": _get_attribute,
    "list_select_options": _list_select_options,
    "list_statuses": _list_statuses,
    "list_workspace_members": _list_workspace_members,
    "get_workspace_member": _get_workspace_member,
    "query_records": _query_records,
    "create_record": _create_record,
    "assert_record": _assert_record,
    "get_record": _get_record,
    "update_record": _update_record,
    "overwrite_record": _overwrite_record,
    "delete_record": _delete_record,
}
"""Handlers by operation id; `get_self` is answered before, as it needs no valid token."""
