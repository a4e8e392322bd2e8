"""The members of the workspace: the people who work in it."""

from attio_async_api.api.workspace_members import get_workspace_member, list_workspace_members
from attio_async_api.models.workspace_member import WorkspaceMember
from attio_async_api.operations import GET_WORKSPACE_MEMBER, LIST_WORKSPACE_MEMBERS

from .._pagination.paginator import Paginator
from .._workspace.arguments import resource_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader


class WorkspaceMembers:
    """The members of the workspace."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> Paginator[WorkspaceMember]:
        """All members; the API gives them in one page.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        return paginate(
            self._session,
            LIST_WORKSPACE_MEMBERS,
            list_workspace_members.build_request,
            list_reader(WorkspaceMember.from_dict),
        )

    async def get(self, member: object) -> WorkspaceMember:
        """One member, by id or by whatever carries one, such as the actor that created something.

        Raises:
            NotFound: There is no such member.

        Attio: GET /v2/workspace_members/{workspace_member_id}, read, retried, user_management:read
        """
        built = get_workspace_member.build_request(resource_id(member, "workspace_member_id"))
        return await self._session.one(GET_WORKSPACE_MEMBER, built, WorkspaceMember.from_dict)

    async def by_email(self, email_address: str) -> WorkspaceMember | None:
        """The member with this e-mail address, in any case of letters; None when there is none.

        The API cannot look one up, so this reads all members, which is one request.

        Attio: GET /v2/workspace_members, read, retried, user_management:read
        """
        wanted = email_address.strip().casefold()
        members = await self.list()
        return next((member for member in members if str(member.email_address).casefold() == wanted), None)
