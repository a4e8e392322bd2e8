"""The body of update_webhook."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class UpdateWebhook:
    """The body of update_webhook."""

    target_url: str | Unset = UNSET
    subscriptions: list[Any] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "target_url": self.target_url,
                "subscriptions": self.subscriptions,
            }
        )
