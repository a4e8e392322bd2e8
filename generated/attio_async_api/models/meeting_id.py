"""A part of an answer."""

from ..types import CompositeId


class MeetingId(CompositeId):
    """The `meeting_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "meeting_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def meeting_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("meeting_id")
