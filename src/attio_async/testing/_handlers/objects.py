"""Objects."""

from collections.abc import Mapping
from typing import Any

from .._errors import (
    ApiProblem,
    Issue,
    invalid,
    invalid_body,
    not_found,
    slug_conflict,
    value_not_found,
)
from .._events.publish import report_list
from .._request.validation import BodyField, issues_of
from .._schema import Kind, ListType, ObjectType
from .._workspace import views
from .._workspace.entity_views import saved_view_view
from .._workspace.standard_objects import is_standard
from .._workspace.workspace import Workspace
from .._writes.relationships import forget
from .._writes.rename import rename_object
from .call import Handlers, OperationCall, data, paged

_LEVELS = ("full-access", "read-and-write", "read-only")


_NAMED = {"name": BodyField("string"), "api_slug": BodyField("string", shortest=1)}


_ACCESS = {
    "workspace_access": BodyField("string", nullable=True, options=_LEVELS),
    "workspace_member_access": BodyField("array"),
}


_NEW_LIST = {**_NAMED, "parent_object": BodyField("string"), **_ACCESS}


_CHANGED_LIST = {name: field.optional() for name, field in {**_NAMED, **_ACCESS}.items()}


_MEMBER = {"workspace_member_id": BodyField("string"), "level": BodyField("string", options=_LEVELS)}


def _list_lists(call: OperationCall) -> object:
    return data([views.list_view(call.workspace, kind) for kind in call.workspace.data.lists.values()])


def _get_list(call: OperationCall) -> object:
    return data(views.list_view(call.workspace, call.list_type()))


def _create_list(call: OperationCall) -> object:
    body = call.request.data(_NEW_LIST)
    parent = call.workspace.object_type(body["parent_object"])
    if parent is None:
        raise value_not_found(f'object with slug/ID "{body["parent_object"]}"')
    _check_list_slug(call, body["api_slug"], None)
    kind = ListType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        created_at=call.author.stamp.now,
        name=body["name"],
        parent_object=parent.slug,
        workspace_access=body["workspace_access"],
        member_access=_member_access(call, body),
        created_by=dict(call.author.stamp.actor),
    )
    _check_access(kind.workspace_access, kind.member_access)
    call.workspace.add_list(kind)
    report_list(call.workspace, kind, "created", call.author.stamp)
    return data(views.list_view(call.workspace, kind))


def _update_list(call: OperationCall) -> object:
    kind = call.list_type()
    body = call.request.data(_CHANGED_LIST)
    slug = body.get("api_slug", kind.slug)
    _check_list_slug(call, slug, kind)
    access = body.get("workspace_access", kind.workspace_access)
    members = _member_access(call, body) if "workspace_member_access" in body else kind.member_access
    _check_access(access, members)
    kind.slug, kind.name = slug, body.get("name", kind.name)
    kind.workspace_access, kind.member_access = access, members
    report_list(call.workspace, kind, "updated", call.author.stamp)
    return data(views.list_view(call.workspace, kind))


def _check_list_slug(call: OperationCall, slug: str, own: ListType | None) -> None:
    if any(kind.slug == slug and kind is not own for kind in call.workspace.data.lists.values()):
        raise slug_conflict(f'There is a list with slug "{slug}" already.')


def _member_access(call: OperationCall, body: Mapping[str, Any]) -> list[dict[str, str]]:
    issues: list[Issue] = []
    given: list[Any] = body["workspace_member_access"]
    for place, one in enumerate(given):
        issues += issues_of(one, _MEMBER, ["data", "workspace_member_access", str(place)])
    if issues:
        raise invalid_body(*issues)
    known = {member.id for member in call.workspace.data.members}
    for one in given:
        if one["workspace_member_id"] not in known:
            raise value_not_found(f'workspace member with ID "{one["workspace_member_id"]}"')
    return [dict(one) for one in given]


def _check_access(workspace_access: str | None, members: list[dict[str, str]]) -> None:
    if workspace_access != "full-access" and all(one["level"] != "full-access" for one in members):
        raise invalid_body(
            invalid(["data", "workspace_access"], "Expected full access for the workspace or for a member")
        )


def _list_workspace_members(call: OperationCall) -> object:
    return data([views.member_view(call.workspace, member) for member in call.workspace.data.members])


def _get_workspace_member(call: OperationCall) -> object:
    member_id = call.request.parameters["workspace_member_id"]
    for member in call.workspace.data.members:
        if member.id == member_id:
            return data(views.member_view(call.workspace, member))
    raise not_found(f'workspace member with ID "{member_id}"')


_DEFAULT_LIMIT = 500


_MOST = 1_000


def _listed(call: OperationCall, kind: Kind) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    shows_archived = call.request.flag("show_archived")
    of_kind = [view for view in call.workspace.data.things.views.values() if view.kind_id == kind.id]
    views, cursor = page.of([view for view in of_kind if shows_archived or not view.is_archived])
    return paged([saved_view_view(call.workspace, kind, view) for view in views], cursor)


_NEW = {
    "api_slug": BodyField("string", shortest=1),
    "singular_noun": BodyField("string", shortest=1),
    "plural_noun": BodyField("string", shortest=1),
}


_CHANGED = {name: field.optional() for name, field in _NEW.items()}


def _list_objects(call: OperationCall) -> object:
    return data([views.object_view(call.workspace, kind) for kind in call.workspace.data.objects.values()])


def _get_object(call: OperationCall) -> object:
    return data(views.object_view(call.workspace, call.object_type()))


def _create_object(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    _check_slug(call, body["api_slug"], None)
    kind = ObjectType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        singular=body["singular_noun"],
        plural=body["plural_noun"],
        created_at=call.author.stamp.now,
    )
    call.workspace.add_object(kind)
    return data(views.object_view(call.workspace, kind))


def _update_object(call: OperationCall) -> object:
    kind = call.object_type()
    body = call.request.data(_CHANGED)
    slug = body.get("api_slug", kind.slug)
    if slug != kind.slug and is_standard(kind.slug):
        raise invalid_body(invalid(["data", "api_slug"], "The slugs of standard objects cannot be changed"))
    _check_slug(call, slug, kind)
    kind.singular, kind.plural = _nouns(kind, body)
    rename_object(call.workspace, kind, slug)
    return data(views.object_view(call.workspace, kind))


def _nouns(kind: ObjectType, body: Mapping[str, Any]) -> tuple[str, str]:
    return body.get("singular_noun", kind.singular), body.get("plural_noun", kind.plural)


def _delete_object(call: OperationCall) -> object:
    """Delete an object with its records, the lists of them, and the attributes that refer to nothing else."""
    kind = call.object_type()
    workspace, stamp = call.workspace, call.author.stamp
    if is_standard(kind.slug):
        raise ApiProblem(
            400, "system_edit_unauthorized", f'The standard object "{kind.slug}" cannot be deleted.'
        )
    for record in list(workspace.records(kind)):
        forget(workspace, record, stamp)
    for of_them in [one for one in workspace.data.lists.values() if one.parent_object == kind.slug]:
        workspace.remove_kind(of_them)
        report_list(workspace, of_them, "deleted", stamp)
    for each in workspace.kinds():
        _drop_references(workspace, each, kind.slug)
    workspace.remove_kind(kind)
    return {}


def _drop_references(workspace: Workspace, kind: Kind, gone: str) -> None:
    for attribute in list(kind.attributes.values()):
        allowed = attribute.allowed_objects
        if allowed is None or gone not in allowed:
            continue
        attribute.allowed_objects = [slug for slug in allowed if slug != gone]
        if not attribute.allowed_objects:
            del kind.attributes[attribute.slug]
            for record in workspace.records(kind):
                record.history.pop(attribute.slug, None)


def _check_slug(call: OperationCall, slug: str, own: ObjectType | None) -> None:
    if call.workspace.data.objects.get(slug, own) is not own:
        raise slug_conflict(f'There is an object with slug "{slug}" already.')


HANDLERS: Handlers = {
    "list_objects": _list_objects,
    "get_object": _get_object,
    "create_object": _create_object,
    "update_object": _update_object,
    "delete_object": _delete_object,
    "list_lists": _list_lists,
    "get_list": _get_list,
    "create_list": _create_list,
    "update_list": _update_list,
    "list_workspace_members": _list_workspace_members,
    "get_workspace_member": _get_workspace_member,
    "list_object_views": lambda call: _listed(call, call.object_type()),
    "list_list_views": lambda call: _listed(call, call.list_type()),
}
