"""Workspace members."""

from .. import views
from ..problems import not_found
from .call import Call, Handlers, data


def _list_workspace_members(call: Call) -> object:
    return data([views.member_view(call.workspace, member) for member in call.workspace.data.members])


def _get_workspace_member(call: Call) -> object:
    member_id = call.request.parameters["workspace_member_id"]
    for member in call.workspace.data.members:
        if member.id == member_id:
            return data(views.member_view(call.workspace, member))
    raise not_found(f'workspace member with ID "{member_id}"')


HANDLERS: Handlers = {
    "list_workspace_members": _list_workspace_members,
    "get_workspace_member": _get_workspace_member,
}
