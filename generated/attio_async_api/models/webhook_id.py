"""A part of an answer."""

from ..types import CompositeId


class WebhookId(CompositeId):
    """The `webhook_id` as text; its parts say what the thing belongs to."""

    __slots__ = ()
    own = "webhook_id"

    @property
    def workspace_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("workspace_id")

    @property
    def webhook_id(self) -> str:
        """One part of the id; empty when it is not known."""
        return self.part("webhook_id")
