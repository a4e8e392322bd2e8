"""A part of an answer."""

from ..types import CompositeId


class ThreadId(CompositeId):
    """The `thread_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "thread_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def thread_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("thread_id")
