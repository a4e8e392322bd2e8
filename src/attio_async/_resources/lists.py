"""The lists of a workspace, who may see them, and their saved views."""

from collections.abc import Mapping
from functools import partial

import attrs

from attio_async_api.api.lists import create_list, get_list, list_list_views, list_lists, update_list
from attio_async_api.models.create_list import CreateList
from attio_async_api.models.list_ import List
from attio_async_api.models.list_view import ListView
from attio_async_api.models.update_list import UpdateList
from attio_async_api.models.workspace_access import WorkspaceAccess
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._utils.text import show
from .._workspace.arguments import find_member_id, slug_or_id
from .._workspace.collection import Collection
from .._workspace.session import Session
from ..errors import ConfigurationError

_FULL_ACCESS: WorkspaceAccess = "full-access"


@public
@attrs.frozen(kw_only=True)
class AttioList(List):
    """One list, with its id, slug, name, parent object and access; `raw` has the whole response."""


@public
class Lists:
    """The lists of the workspace; `entries` has what is in them.

    Give a list by slug, title, id, or as the `AttioList` that the API returned.
    """

    def __init__(self, session: Session) -> None:
        self._lists = Collection(
            session=session,
            parse=AttioList.from_dict,
            id_of=partial(slug_or_id, what="a list"),
            resolve=partial(session.names.slug_of, target="lists"),
        )

    def list(self) -> Paginator[AttioList]:
        """List the lists that the token may see, in the order of the app's sidebar; the API returns them in one page.

        Attio: GET /v2/lists, read, retried, list_configuration:read
        """
        return self._lists.list(list_lists)

    async def get(self, list: str | AttioList) -> AttioList:
        """Return one list.

        Raises:
            NotFound: The list does not exist, or the token may not see it.

        Attio: GET /v2/lists/{list}, read, retried, list_configuration:read
        """
        return await self._lists.get(get_list, list)

    async def create(
        self,
        name: str,
        *,
        api_slug: str,
        parent_object: object,
        workspace_access: WorkspaceAccess | None = _FULL_ACCESS,
        workspace_member_access: Mapping[str, WorkspaceAccess] | None = None,
    ) -> AttioList:
        """Create a list, and return it. Its parent object cannot be changed later.

        Args:
            name: The name in the app.
            api_slug: The name in code, such as "hiring".
            parent_object: The object whose records it may contain, such as "people".
            workspace_access: The access of all members: "full-access", "read-and-write", "read-only" or None.
            workspace_member_access: Further access of single members, by their ids.

        Raises:
            ConfigurationError: Nobody would have full access. Nothing was sent.
            Conflict: The slug is taken. Nothing was written.
            BillingLimit: The plan does not include such access. Nothing was written.
            OutcomeUnknown: The response was lost. It was not sent again.

        Attio: POST /v2/lists, write, not repeated, list_configuration:read-write
        """
        access = _checked_access(workspace_member_access or {})
        # https://docs.attio.com/rest-api/endpoint-reference/lists/create-a-list
        if _FULL_ACCESS not in [workspace_access, *access.values()]:
            raise ConfigurationError(
                f"nobody has {_FULL_ACCESS!r} to the list; give it to the workspace or to a member"
            )
        session = self._lists.session
        body = CreateList(
            name=name,
            api_slug=api_slug,
            parent_object=await session.names.slug_of(slug_or_id(parent_object, "an object"), "objects"),
            workspace_access=workspace_access,
            workspace_member_access=await _member_access(self._lists.session, access),
        )
        return await self._lists.create(create_list, body)

    async def update(
        self,
        list: str | AttioList,
        *,
        name: str | Unset = UNSET,
        api_slug: str | Unset = UNSET,
        workspace_access: WorkspaceAccess | Unset | None = UNSET,
        workspace_member_access: Mapping[str, WorkspaceAccess] | Unset = UNSET,
    ) -> AttioList:
        """Change a list, and return it. What is not given stays as it is.

        Args:
            list: The list.
            name: The name in the app.
            api_slug: The name in code.
            workspace_access: The access of all members; None for none.
            workspace_member_access: Further access of single members, by their ids. Replaces all there was.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            BadRequest: Nobody would have full access. Nothing was written.
            NotFound: The list does not exist.

        Attio: PATCH /v2/lists/{list}, write, retried, list_configuration:read-write
        """
        access = workspace_member_access
        body = UpdateList(
            name=name,
            api_slug=api_slug,
            workspace_access=workspace_access,
            workspace_member_access=UNSET
            if isinstance(access, Unset)
            else await _member_access(self._lists.session, access),
        )
        return await self._lists.update(update_list, list, body)

    def views(
        self,
        list: str | AttioList,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ListView]:
        """List the saved views of a list. A view's id can take the place of a filter.

        Args:
            list: The list.
            show_archived: True includes archived views.
            limit: The most views to return; all by default.
            page_size: Views per page, 1 to 1,000.

        Attio: GET /v2/lists/{list}/views, read, retried, list_configuration:read
        """
        views = self._lists.nested(list, ListView.from_dict)
        return views.list(
            list_list_views, show_archived=show_archived or None, limit=limit, page_size=page_size
        )


async def _member_access(session: Session, access: Mapping[str, WorkspaceAccess]) -> list[dict[str, str]]:
    return [
        {
            "workspace_member_id": await find_member_id(session, member, "workspace_member_access"),
            "level": level,
        }
        for member, level in _checked_access(access).items()
    ]


def _checked_access(access: Mapping[str, WorkspaceAccess]) -> Mapping[str, WorkspaceAccess]:
    if not isinstance(access, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"workspace_member_access must be a dict, not {show(access)}")
    return access
