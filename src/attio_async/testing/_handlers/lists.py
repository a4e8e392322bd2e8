"""Lists, and who may do what in them."""

from collections.abc import Mapping
from typing import Any

from .._errors import Issue, invalid, invalid_body, value_not_found
from .._events.publish import report_kind
from .._schema import ListType
from .._validation import BodyField, issues_of, optional
from .._workspace.find import find_object
from .._workspace.views import list_view
from .call import OperationCall, check_slug, data, operation, operations_on, shown

_LEVELS = ("full-access", "read-and-write", "read-only")
_CHANGEABLE = {
    "name": BodyField("string"),
    "api_slug": BodyField("string", shortest=1),
    "workspace_access": BodyField("string", nullable=True, options=_LEVELS),
    "workspace_member_access": BodyField("array"),
}
_NEW = {**_CHANGEABLE, "parent_object": BodyField("string")}
_CHANGED = optional(_CHANGEABLE)
_MEMBER = {"workspace_member_id": BodyField("string"), "level": BodyField("string", options=_LEVELS)}

_show = shown(list_view)


@operation
def list_lists(call: OperationCall) -> object:
    return data([list_view(call.workspace, kind) for kind in call.workspace.data.lists.values()])


@operation
def create_list(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    parent = find_object(call.workspace, body["parent_object"], value_not_found)
    check_slug(call.workspace.data.lists.values(), body["api_slug"], None, "A list")
    kind = ListType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        created_at=call.stamp.now,
        name=body["name"],
        parent_object=parent.slug,
        workspace_access=body["workspace_access"],
        member_access=_member_access(call, body),
        created_by=dict(call.stamp.actor),
    )
    _check_access(kind.workspace_access, kind.member_access)
    call.workspace.add_list(kind)
    report_kind(call.workspace, kind, "created", call.stamp)
    return _show(call, kind)


def _update(call: OperationCall, kind: ListType) -> object:
    body = call.request.data(_CHANGED)
    slug = body.get("api_slug", kind.slug)
    check_slug(call.workspace.data.lists.values(), slug, kind, "A list")
    access = body.get("workspace_access", kind.workspace_access)
    members = _member_access(call, body) if "workspace_member_access" in body else kind.member_access
    _check_access(access, members)
    kind.slug, kind.name = slug, body.get("name", kind.name)
    kind.workspace_access, kind.member_access = access, members
    report_kind(call.workspace, kind, "updated", call.stamp)
    return _show(call, kind)


def _member_access(call: OperationCall, body: Mapping[str, Any]) -> list[dict[str, str]]:
    issues: list[Issue] = []
    given: list[Any] = body["workspace_member_access"]
    for place, one in enumerate(given):
        issues += issues_of(one, _MEMBER, ["data", "workspace_member_access", place])
    if issues:
        raise invalid_body(*issues)
    known = {member.id for member in call.workspace.data.members}
    for one in given:
        if one["workspace_member_id"] not in known:
            raise value_not_found(f'workspace member "{one["workspace_member_id"]}"')
    return [dict(one) for one in given]


def _check_access(workspace_access: str | None, members: list[dict[str, str]]) -> None:
    if workspace_access != "full-access" and all(one["level"] != "full-access" for one in members):
        raise invalid_body(
            invalid(["data", "workspace_access"], "Expected full access for the workspace or for a member")
        )


operations_on(OperationCall.list_type, get_list=_show, update_list=_update)
