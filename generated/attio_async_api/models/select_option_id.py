"""A part of an answer."""

from ..types import CompositeId


class SelectOptionId(CompositeId):
    """The `option_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "option_id"

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
    def option_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("option_id")
