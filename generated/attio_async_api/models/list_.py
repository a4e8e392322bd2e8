"""An answer of list_lists, create_list, get_list, update_list."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.actor import Actor
from ..models.list_id import ListId
from ..models.list_workspace_member_access import ListWorkspaceMemberAccess
from ..types import read_list, read_moment, read_object, read_objects


@frozen(kw_only=True)
class List:
    """An answer of list_lists, create_list, get_list, update_list. What it holds beside these fields is in `additional_properties`."""

    id: ListId
    api_slug: str
    name: str
    parent_object: list[str]
    workspace_access: None | str
    workspace_member_access: list[ListWorkspaceMemberAccess]
    created_by_actor: Actor
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", ListId.from_dict),
            api_slug=rest.pop("api_slug", None),
            name=rest.pop("name", None),
            parent_object=read_list(rest, "parent_object"),
            workspace_access=rest.pop("workspace_access", None),
            workspace_member_access=read_objects(
                rest, "workspace_member_access", ListWorkspaceMemberAccess.from_dict
            ),
            created_by_actor=read_object(rest, "created_by_actor", Actor.from_dict),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
