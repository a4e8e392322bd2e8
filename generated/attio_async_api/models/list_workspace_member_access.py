"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class ListWorkspaceMemberAccess(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    workspace_member_id: str
    level: None | str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            workspace_member_id=source.get("workspace_member_id"),
            level=source.get("level"),
            raw=source,
        )
