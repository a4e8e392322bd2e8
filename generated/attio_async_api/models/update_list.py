"""The body of update_list."""

from typing import Any

from attrs import frozen

from ..models.workspace_access import WorkspaceAccess
from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateList:
    """The body of update_list."""

    name: str | Unset = UNSET
    api_slug: str | Unset = UNSET
    workspace_access: None | WorkspaceAccess | Unset = UNSET
    workspace_member_access: list[Any] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "name": self.name,
                "api_slug": self.api_slug,
                "workspace_access": self.workspace_access,
                "workspace_member_access": self.workspace_member_access,
            }
        )
