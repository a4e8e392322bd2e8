"""A part of an answer."""

from ..types import CompositeId


class CommentId(CompositeId):
    """The `comment_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "comment_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def comment_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("comment_id")
