"""A part of an answer."""

from ..types import CompositeId


class TaskId(CompositeId):
    """The `task_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "task_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def task_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("task_id")
