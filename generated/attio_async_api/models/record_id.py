"""A part of an answer."""

from ..types import CompositeId


class RecordId(CompositeId):
    """The `record_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "record_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def object_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("object_id")

    @property
    def record_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("record_id")
