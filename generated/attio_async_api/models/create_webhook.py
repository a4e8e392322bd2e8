"""The body of create_webhook."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class CreateWebhook:
    """The body of create_webhook."""

    target_url: str
    subscriptions: list[Any]

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "target_url": self.target_url,
                "subscriptions": self.subscriptions,
            }
        )
