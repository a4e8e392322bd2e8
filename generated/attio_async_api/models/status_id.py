"""A part of an answer."""

from ..types import CompositeId


class StatusId(CompositeId):
    """The `status_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "status_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def object_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("object_id")

    @property
    def attribute_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("attribute_id")

    @property
    def status_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("status_id")
