"""The members of the workspace."""

from functools import partial

from attio_async_api.api.workspace_members import get_workspace_member, list_workspace_members
from attio_async_api.models.workspace_member import WorkspaceMember
from attio_async_api.operations import GET_WORKSPACE_MEMBER, LIST_WORKSPACE_MEMBERS

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._utils.text import folded
from .._workspace.arguments import member_id
from .._workspace.collection import Collection
from .._workspace.session import Session


@public
class WorkspaceMembers:
    """The members of the workspace. Give a member by id, as the API returned it, or as the actor of a change."""

    def __init__(self, session: Session) -> None:
        self._members = Collection(
            session=session,
            parse=WorkspaceMember.from_dict,
            id_of=partial(member_id, argument="member"),
        )

    def list(self) -> Paginator[WorkspaceMember]:
        """List all members; the API returns them in one page.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        return self._members.list(LIST_WORKSPACE_MEMBERS, list_workspace_members.build_request)

    async def get(self, member: object) -> WorkspaceMember:
        """Return one member.

        Raises:
            NotFound: The member does not exist.

        Attio: GET /v2/workspace_members/{workspace_member_id}, read, retried, user_management:read
        """
        return await self._members.get(GET_WORKSPACE_MEMBER, get_workspace_member.build_request, member)

    async def by_email(self, email_address: str) -> WorkspaceMember | None:
        """Return the member with this e-mail address, ignoring case, or None.

        The API cannot filter members, so this reads all of them in one request.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        # https://docs.attio.com/rest-api/endpoint-reference/workspace-members/list-workspace-members
        wanted = folded(email_address)
        members = await self.list()
        return next((member for member in members if folded(str(member.email_address)) == wanted), None)
