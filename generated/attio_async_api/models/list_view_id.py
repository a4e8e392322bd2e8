"""A part of an answer."""

from ..types import CompositeId


class ListViewId(CompositeId):
    """The `view_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "view_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def list_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("list_id")

    @property
    def view_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("view_id")
