"""An answer of list_workspace_members, get_workspace_member."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.workspace_member_id import WorkspaceMemberId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class WorkspaceMember(JsonData):
    """An answer of list_workspace_members, get_workspace_member. `raw` is all of it, as the API sent it."""

    id: WorkspaceMemberId
    first_name: str
    last_name: str
    avatar_url: None | str
    email_address: str
    created_at: dt.datetime
    access_level: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", WorkspaceMemberId.from_dict),
            first_name=source.get("first_name"),
            last_name=source.get("last_name"),
            avatar_url=source.get("avatar_url"),
            email_address=source.get("email_address"),
            created_at=read_moment(source, "created_at"),
            access_level=source.get("access_level"),
            raw=source,
        )
