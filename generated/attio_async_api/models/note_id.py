"""A part of an answer."""

from ..types import CompositeId


class NoteId(CompositeId):
    """The `note_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "note_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def note_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("note_id")
