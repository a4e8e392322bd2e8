"""An answer of list_webhooks, get_webhook, update_webhook."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.webhook_id import WebhookId
from ..models.webhook_subscription import WebhookSubscription
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Webhook(JsonData):
    """An answer of list_webhooks, get_webhook, update_webhook. `raw` is all of it, as the API sent it."""

    target_url: str
    subscriptions: list[WebhookSubscription]
    id: WebhookId
    status: str
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            target_url=source.get("target_url"),
            subscriptions=read_objects(source, "subscriptions", WebhookSubscription.from_dict),
            id=read_object(source, "id", WebhookId.from_dict),
            status=source.get("status"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
