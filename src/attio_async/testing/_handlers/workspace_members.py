"""Workspace members."""

from .._errors import not_found
from .._workspace.views import member_view
from .call import OperationCall, data, operation


@operation
def list_workspace_members(call: OperationCall) -> object:
    return data([member_view(call.workspace, member) for member in call.workspace.data.members])


@operation
def get_workspace_member(call: OperationCall) -> object:
    member_id = call.request.parameters["workspace_member_id"]
    for member in call.workspace.data.members:
        if member.id == member_id:
            return data(member_view(call.workspace, member))
    raise not_found(f'workspace member "{member_id}"')
