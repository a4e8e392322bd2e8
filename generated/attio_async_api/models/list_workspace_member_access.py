"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class ListWorkspaceMemberAccess:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    workspace_member_id: str
    level: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            workspace_member_id=rest.pop("workspace_member_id", None),
            level=rest.pop("level", None),
            additional_properties=rest,
        )
