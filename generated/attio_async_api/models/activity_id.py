"""A part of an answer."""

from ..types import CompositeId


class ActivityId(CompositeId):
    """The `activity_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "activity_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def activity_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("activity_id")
