"""An answer of list_lists, create_list, get_list, update_list."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.actor import Actor
from ..models.list_id import ListId
from ..models.list_workspace_member_access import ListWorkspaceMemberAccess
from ..types import read_list, read_moment, read_object, read_objects


@frozen(kw_only=True)
class List(JsonData):
    """An answer of list_lists, create_list, get_list, update_list. `raw` is all of it, as the API sent it."""

    id: ListId
    api_slug: str
    name: str
    parent_object: list[str]
    workspace_access: None | str
    workspace_member_access: list[ListWorkspaceMemberAccess]
    created_by_actor: Actor
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", ListId.from_dict),
            api_slug=source.get("api_slug"),
            name=source.get("name"),
            parent_object=read_list(source, "parent_object"),
            workspace_access=source.get("workspace_access"),
            workspace_member_access=read_objects(
                source, "workspace_member_access", ListWorkspaceMemberAccess.from_dict
            ),
            created_by_actor=read_object(source, "created_by_actor", Actor.from_dict),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
