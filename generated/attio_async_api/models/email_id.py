"""A part of an answer."""

from ..types import CompositeId


class EmailId(CompositeId):
    """The `email_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "email_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def mailbox_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("mailbox_id")

    @property
    def email_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("email_id")
