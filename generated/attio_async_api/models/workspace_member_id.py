"""A part of an answer."""

from ..types import CompositeId


class WorkspaceMemberId(CompositeId):
    """The `workspace_member_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "workspace_member_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def workspace_member_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_member_id")
