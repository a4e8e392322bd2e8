"""An answer of create_webhook."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.webhook_id import WebhookId
from ..models.webhook_subscription import WebhookSubscription
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class CreatedWebhook:
    """An answer of create_webhook. What it holds beside these fields is in `additional_properties`."""

    target_url: str
    subscriptions: list[WebhookSubscription]
    id: WebhookId
    status: str
    created_at: datetime.datetime
    secret: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            target_url=rest.pop("target_url", None),
            subscriptions=read_objects(rest, "subscriptions", WebhookSubscription.from_dict),
            id=read_object(rest, "id", WebhookId.from_dict),
            status=rest.pop("status", None),
            created_at=read_moment(rest, "created_at"),
            secret=rest.pop("secret", None),
            additional_properties=rest,
        )
