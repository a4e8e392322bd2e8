"""Webhooks: which events Attio reports to which address."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from attio_async_api.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    update_webhook,
)
from attio_async_api.models.create_webhook import CreateWebhook
from attio_async_api.models.created_webhook import CreatedWebhook
from attio_async_api.models.update_webhook import UpdateWebhook
from attio_async_api.models.webhook import Webhook
from attio_async_api.models.webhook_subscription import WebhookSubscription
from attio_async_api.operations import (
    CREATE_WEBHOOK,
    DELETE_WEBHOOK,
    GET_WEBHOOK,
    LIST_WEBHOOKS,
    UPDATE_WEBHOOK,
    WEBHOOK_EVENTS,
)
from attio_async_api.types import UNSET, Unset

from .._core.paging import Paginator
from ..errors import ConfigurationError, UnknownName
from ..schema import near
from ._arguments import change, identifier, several
from ._base import Wire, items
from ._paged import paged

__all__ = ["CreatedWebhook", "Subscription", "Webhook", "Webhooks"]

Subscription = str | Mapping[str, Any] | WebhookSubscription
"""An event type, or a mapping with `event_type` and `filter`."""


class Webhooks:
    """The webhooks of this access token's app. A webhook may be named by its id, or be one that was read."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self, *, limit: int | None = None) -> Paginator[Webhook]:
        """All webhooks, without their secrets.

        Args:
            limit: How many a page holds, 10 to 100; by default 100.

        Attio: GET /v2/webhooks, read, retried, webhook:read
        """
        return paged(
            self._wire, LIST_WEBHOOKS, list_webhooks.build_request, items(Webhook.from_dict), limit=limit
        )

    async def get(self, webhook: str | Webhook | CreatedWebhook) -> Webhook:
        """One webhook, without its secret.

        Raises:
            NotFound: There is no such webhook.

        Attio: GET /v2/webhooks/{webhook_id}, read, retried, webhook:read
        """
        built = get_webhook.build_request(identifier(webhook, "webhook_id"))
        return await self._wire.one(GET_WEBHOOK, built, Webhook.from_dict)

    async def create(self, target_url: str, subscriptions: Iterable[Subscription]) -> CreatedWebhook:
        """The new webhook with its `secret`, which is never shown again: keep it to verify deliveries.

        Args:
            target_url: Where to report to; https.
            subscriptions: What to report: event types such as "record.created", or mappings with event_type and
                filter to be told less.

        Raises:
            ConfigurationError: The address is not https, or there is no subscription. Nothing was sent.
            UnknownName: There is no such event type. Nothing was sent.
            Conflict: There is such a webhook already. Nothing was written.
            OutcomeUnknown: The answer was lost, and the secret with it; it was not sent again.

        Attio: POST /v2/webhooks, write, not repeated, webhook:read-write
        """
        body = CreateWebhook(target_url=_checked(target_url), subscriptions=_subscriptions(subscriptions))
        built = create_webhook.build_request(body=body)
        return await self._wire.one(CREATE_WEBHOOK, built, CreatedWebhook.from_dict)

    async def update(
        self,
        webhook: str | Webhook | CreatedWebhook,
        *,
        target_url: str | Unset = UNSET,
        subscriptions: Iterable[Subscription] | Unset = UNSET,
    ) -> Webhook:
        """The webhook with another address or other subscriptions; what is not given stays.

        Args:
            webhook: Which one.
            target_url: Where to report to; https.
            subscriptions: All that shall be reported; those left out no longer are.

        Raises:
            ConfigurationError: Nothing to change was given, or it cannot work. Nothing was sent.
            UnknownName: There is no such event type. Nothing was sent.
            NotFound: There is no such webhook.
            Conflict: There is such a webhook already. Nothing was written.

        Attio: PATCH /v2/webhooks/{webhook_id}, write, retried, webhook:read-write
        """
        body = UpdateWebhook(
            target_url=UNSET if isinstance(target_url, Unset) else _checked(target_url),
            subscriptions=UNSET if isinstance(subscriptions, Unset) else _subscriptions(subscriptions),
        )
        built = update_webhook.build_request(identifier(webhook, "webhook_id"), body=change(body.to_dict()))
        return await self._wire.one(UPDATE_WEBHOOK, built, Webhook.from_dict)

    async def delete(self, webhook: str | Webhook | CreatedWebhook) -> None:
        """Delete a webhook, for good.

        Raises:
            NotFound: There is no such webhook.

        Attio: DELETE /v2/webhooks/{webhook_id}, write, retried, webhook:read-write
        """
        await self._wire.done(DELETE_WEBHOOK, delete_webhook.build_request(identifier(webhook, "webhook_id")))


def _checked(target_url: str) -> str:
    parts = urlsplit(target_url)
    if parts.scheme != "https" or not parts.hostname:
        raise ConfigurationError(f"a webhook's address starts with https://, unlike {target_url!r}")
    return target_url


def _subscriptions(given: Iterable[Subscription]) -> list[Mapping[str, Any]]:
    return [_subscription(each) for each in several(given, "subscriptions", least=1)]


def _subscription(given: Subscription) -> Mapping[str, Any]:
    if isinstance(given, WebhookSubscription):
        return {"event_type": given.event_type, "filter": given.filter}
    if not isinstance(given, str):
        return {"filter": None, **given}  # an event newer than this package can be given like this
    if given not in WEBHOOK_EVENTS:
        raise UnknownName("event", given, suggestions=near(given, WEBHOOK_EVENTS), available=WEBHOOK_EVENTS)
    return {"event_type": given, "filter": None}
