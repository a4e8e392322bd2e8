"""A part of an answer."""

from ..types import CompositeId


class FileId(CompositeId):
    """The `file_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "file_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def file_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("file_id")
