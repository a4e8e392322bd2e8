"""An answer of list_workspace_members, get_workspace_member."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.workspace_member_id import WorkspaceMemberId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class WorkspaceMember:
    """An answer of list_workspace_members, get_workspace_member. What it holds beside these fields is in `additional_properties`."""

    id: WorkspaceMemberId
    first_name: str
    last_name: str
    avatar_url: None | str
    email_address: str
    created_at: datetime.datetime
    access_level: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", WorkspaceMemberId.from_dict),
            first_name=rest.pop("first_name", None),
            last_name=rest.pop("last_name", None),
            avatar_url=rest.pop("avatar_url", None),
            email_address=rest.pop("email_address", None),
            created_at=read_moment(rest, "created_at"),
            access_level=rest.pop("access_level", None),
            additional_properties=rest,
        )
