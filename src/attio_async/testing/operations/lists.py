"""Lists."""

from collections.abc import Mapping
from typing import Any

from .. import views
from ..bodies import Field, issues_of
from ..problems import Issue, invalid, invalid_body, slug_conflict, value_not_found
from ..reports import report_list
from ..schema import ListType
from .call import Call, Handlers, data

_LEVELS = ("full-access", "read-and-write", "read-only")
_NAMED = {"name": Field("string"), "api_slug": Field("string", shortest=1)}
_ACCESS = {
    "workspace_access": Field("string", nullable=True, options=_LEVELS),
    "workspace_member_access": Field("array"),
}
_NEW = {**_NAMED, "parent_object": Field("string"), **_ACCESS}
_CHANGED = {name: field.optional() for name, field in {**_NAMED, **_ACCESS}.items()}
_MEMBER = {"workspace_member_id": Field("string"), "level": Field("string", options=_LEVELS)}


def _list_lists(call: Call) -> object:
    return data([views.list_view(call.workspace, kind) for kind in call.workspace.data.lists.values()])


def _get_list(call: Call) -> object:
    return data(views.list_view(call.workspace, call.list_type()))


def _create_list(call: Call) -> object:
    body = call.request.data(_NEW)
    parent = call.workspace.object_type(body["parent_object"])
    if parent is None:
        raise value_not_found(f'Cannot find object with slug/ID "{body["parent_object"]}".')
    _check_slug(call, body["api_slug"], None)
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


def _update_list(call: Call) -> object:
    kind = call.list_type()
    body = call.request.data(_CHANGED)
    slug = body.get("api_slug", kind.slug)
    _check_slug(call, slug, kind)
    access = body.get("workspace_access", kind.workspace_access)
    members = _member_access(call, body) if "workspace_member_access" in body else kind.member_access
    _check_access(access, members)
    kind.slug, kind.name = slug, body.get("name", kind.name)
    kind.workspace_access, kind.member_access = access, members
    report_list(call.workspace, kind, "updated", call.author.stamp)
    return data(views.list_view(call.workspace, kind))


def _check_slug(call: Call, slug: str, own: ListType | None) -> None:
    if any(kind.slug == slug and kind is not own for kind in call.workspace.data.lists.values()):
        raise slug_conflict(f'There is a list with slug "{slug}" already.')


def _member_access(call: Call, body: Mapping[str, Any]) -> list[dict[str, str]]:
    issues: list[Issue] = []
    given: list[Any] = body["workspace_member_access"]
    for place, one in enumerate(given):
        issues += issues_of(one, _MEMBER, ["data", "workspace_member_access", str(place)])
    if issues:
        raise invalid_body(*issues)
    known = {member.id for member in call.workspace.data.members}
    for one in given:
        if one["workspace_member_id"] not in known:
            raise value_not_found(f'Cannot find workspace member with ID "{one["workspace_member_id"]}".')
    return [dict(one) for one in given]


def _check_access(workspace_access: str | None, members: list[dict[str, str]]) -> None:
    if workspace_access != "full-access" and all(one["level"] != "full-access" for one in members):
        raise invalid_body(
            invalid(["data", "workspace_access"], "Expected full access for the workspace or for a member")
        )


HANDLERS: Handlers = {
    "list_lists": _list_lists,
    "get_list": _get_list,
    "create_list": _create_list,
    "update_list": _update_list,
}
