"""The body of create_list."""

from typing import Any

from attrs import frozen

from ..models.workspace_access import WorkspaceAccess
from ..types import fields


@frozen(kw_only=True)
class CreateList:
    """The body of create_list."""

    name: str
    api_slug: str
    parent_object: str
    workspace_access: None | WorkspaceAccess
    workspace_member_access: list[Any]

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "name": self.name,
                "api_slug": self.api_slug,
                "parent_object": self.parent_object,
                "workspace_access": self.workspace_access,
                "workspace_member_access": self.workspace_member_access,
            }
        )
