"""Lists: which there are, who may see them, and their saved views. What is in them is in `entries`."""

from collections.abc import Mapping
from functools import partial

import attrs

from attio_async_api.api.lists import create_list, get_list, list_list_views, list_lists, update_list
from attio_async_api.models.create_list import CreateList
from attio_async_api.models.list_ import List
from attio_async_api.models.list_view import ListView
from attio_async_api.models.update_list import UpdateList
from attio_async_api.models.workspace_access import WorkspaceAccess
from attio_async_api.operations import CREATE_LIST, GET_LIST, LIST_LIST_VIEWS, LIST_LISTS, UPDATE_LIST
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._workspace.arguments import change, member_id, slug_or_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError

_FULL: WorkspaceAccess = "full-access"


@attrs.frozen(kw_only=True)
class AttioList(List):
    """One list: its id, slug, name, whose records it holds and who may see it; `raw` is all of it."""


class Lists:
    """The lists of the workspace. A list may be named by slug or id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> Paginator[AttioList]:
        """All lists that the token may see, in the order of the app's sidebar; the API gives them in one page.

        Attio: GET /v2/lists, read, retried, list_configuration:read
        """
        return paginate(self._session, LIST_LISTS, list_lists.build_request, list_reader(AttioList.from_dict))

    async def get(self, list: str | AttioList) -> AttioList:
        """One list.

        Raises:
            NotFound: There is no such list.

        Attio: GET /v2/lists/{list}, read, retried, list_configuration:read
        """
        return await self._session.one(
            GET_LIST, get_list.build_request(slug_or_id(list, "list")), AttioList.from_dict
        )

    async def create(
        self,
        name: str,
        *,
        api_slug: str,
        parent_object: object,
        workspace_access: WorkspaceAccess | None = _FULL,
        workspace_member_access: Mapping[str, WorkspaceAccess] | None = None,
    ) -> AttioList:
        """The new list.

        Args:
            name: What it is called in the app.
            api_slug: What it is called in code, such as "hiring".
            parent_object: The object whose records it holds, such as "people". It cannot be changed later.
            workspace_access: What all members may do: "full-access", "read-and-write", "read-only" or None.
            workspace_member_access: What some members may do beyond that, by their ids.

        Raises:
            ConfigurationError: Nobody would have full access. Nothing was sent.
            Conflict: The slug is taken. Nothing was written.
            BillingLimit: The plan does not cover such access. Nothing was written.
            OutcomeUnknown: The answer was lost; it was not sent again.

        Attio: POST /v2/lists, write, not repeated, list_configuration:read-write
        """
        access = workspace_member_access or {}
        if _FULL not in {workspace_access, *access.values()}:
            raise ConfigurationError(f"somebody needs {_FULL!r}: the workspace, or at least one member")
        body = CreateList(
            name=name,
            api_slug=api_slug,
            parent_object=slug_or_id(parent_object, "parent_object"),
            workspace_access=workspace_access,
            workspace_member_access=_levels(access),
        )
        return await self._session.one(CREATE_LIST, create_list.build_request(body=body), AttioList.from_dict)

    async def update(
        self,
        list: str | AttioList,
        *,
        name: str | Unset = UNSET,
        api_slug: str | Unset = UNSET,
        workspace_access: WorkspaceAccess | Unset | None = UNSET,
        workspace_member_access: Mapping[str, WorkspaceAccess] | Unset = UNSET,
    ) -> AttioList:
        """The list with these changes; what is not given stays. The parent object cannot be changed.

        Args:
            list: Which list.
            name: What it is called in the app.
            api_slug: What it is called in code.
            workspace_access: What all members may do; None is nothing.
            workspace_member_access: What some members may do beyond that, by their ids; in place of all that was.

        Raises:
            ConfigurationError: Nothing to change was given. Nothing was sent.
            BadRequest: Nobody would have full access. Nothing was written.
            NotFound: There is no such list.

        Attio: PATCH /v2/lists/{list}, write, retried, list_configuration:read-write
        """
        access = workspace_member_access
        body = UpdateList(
            name=name,
            api_slug=api_slug,
            workspace_access=workspace_access,
            workspace_member_access=UNSET if isinstance(access, Unset) else _levels(access),
        )
        built = update_list.build_request(slug_or_id(list, "list"), body=change(body.to_dict()))
        return await self._session.one(UPDATE_LIST, built, AttioList.from_dict)

    def views(
        self,
        list: str | AttioList,
        *,
        show_archived: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[ListView]:
        """The saved views of a list. A view's id can take the place of a filter.

        Args:
            list: Which list.
            show_archived: Whether archived views are among them.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 1,000; by default 1,000.

        Attio: GET /v2/lists/{list}/views, read, retried, list_configuration:read
        """
        name = slug_or_id(list, "list")
        build = partial(list_list_views.build_request, name, show_archived=show_archived or None)
        return paginate(
            self._session,
            LIST_LIST_VIEWS,
            build,
            list_reader(ListView.from_dict),
            limit=limit,
            page_size=page_size,
        )


def _levels(access: Mapping[str, WorkspaceAccess]) -> list[dict[str, str]]:
    return [
        {"workspace_member_id": member_id(member, "workspace_member_access"), "level": level}
        for member, level in access.items()
    ]
