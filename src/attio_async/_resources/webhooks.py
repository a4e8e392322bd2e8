"""Webhooks: which events Attio reports to which address."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import anyio
import attrs
import msgspec

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

from .._pagination.paginator import Paginator
from .._schema import near
from .._workspace.arguments import as_list, change, resource_id
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError, UnknownName

if TYPE_CHECKING:
    from ..webhooks._secrets import SecretStore

_log = logging.getLogger("attio_async")

Subscription = str | Mapping[str, Any] | WebhookSubscription
"""An event type, or a mapping with `event_type` and `filter`."""


@attrs.frozen(kw_only=True)
class EnsuredWebhook:
    """A webhook that is as it should be, what was done for that, and its secret."""

    webhook: Webhook | CreatedWebhook
    action: Literal["created", "updated", "unchanged"]
    secret: str = attrs.field(repr=False)

    @property
    def is_degraded(self) -> bool:
        """Whether Attio has given up on deliveries to it, because too many were not answered in time."""
        return self.webhook.status == "degraded"


class Webhooks:
    """The webhooks of this access token's app. A webhook may be named by its id, or be one that was read."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Webhook]:
        """All webhooks, without their secrets.

        Args:
            limit: The most results; by default all.
            page_size: How many a page holds, 10 to 100; by default 100.

        Attio: GET /v2/webhooks, read, retried, webhook:read
        """
        return paginate(
            self._session,
            LIST_WEBHOOKS,
            list_webhooks.build_request,
            list_reader(Webhook.from_dict),
            limit=limit,
            page_size=page_size,
        )

    async def get(self, webhook: str | Webhook | CreatedWebhook) -> Webhook:
        """One webhook, without its secret.

        Raises:
            NotFound: There is no such webhook.

        Attio: GET /v2/webhooks/{webhook_id}, read, retried, webhook:read
        """
        built = get_webhook.build_request(resource_id(webhook, "webhook_id"))
        return await self._session.one(GET_WEBHOOK, built, Webhook.from_dict)

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
        return await self._session.one(CREATE_WEBHOOK, built, CreatedWebhook.from_dict)

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
        built = update_webhook.build_request(resource_id(webhook, "webhook_id"), body=change(body.to_dict()))
        return await self._session.one(UPDATE_WEBHOOK, built, Webhook.from_dict)

    async def ensure(
        self, target_url: str, subscriptions: Iterable[Subscription], *, secrets: "SecretStore"
    ) -> EnsuredWebhook:
        """The webhook of this address, made or changed only where it is not as it should be.

        Safe to call at every start of a program, but not by several programs at once. A new webhook whose secret could
        not be kept is deleted again.

        Args:
            target_url: Where to report to; https. It tells this webhook from others.
            subscriptions: All that shall be reported, as for `create`.
            secrets: Where the secret is kept when it is shown, and found later, such as `FileSecrets`.

        Raises:
            ConfigurationError: The address is not https, there is no subscription, or there is such a webhook already
                and its secret is not known. Nothing was written.
            UnknownName: There is no such event type. Nothing was sent.

        Attio: GET /v2/webhooks, read, retried, webhook:read
        Attio: POST /v2/webhooks, write, not repeated, webhook:read-write, when there is none for the URL
        Attio: PATCH /v2/webhooks/{webhook_id}, write, retried, webhook:read-write, when it differs
        """
        url, wanted = _checked(target_url), _subscriptions(subscriptions)
        found = [webhook async for webhook in self.list() if webhook.target_url == url]
        known = [(webhook, await secrets.get(webhook.id)) for webhook in found]
        ours = next(((webhook, secret) for webhook, secret in known if secret), None)
        if ours is None:
            if found:
                raise ConfigurationError(
                    f"webhook {found[0].id} reports to {url} already, and its secret is not known: put that into the "
                    "store, or delete the webhook"
                )
            return await self._created(url, wanted, secrets)
        webhook, secret = ours
        action: Literal["updated", "unchanged"] = "unchanged"
        if _shape(map(_subscription, webhook.subscriptions)) != _shape(wanted):
            webhook, action = await self.update(webhook, subscriptions=wanted), "updated"
        ensured = EnsuredWebhook(webhook=webhook, action=action, secret=secret)
        if ensured.is_degraded:
            _log.warning("webhook %s is degraded: too many deliveries were not answered", webhook.id)
        return ensured

    async def _created(
        self, url: str, wanted: Iterable[Mapping[str, Any]], secrets: "SecretStore"
    ) -> EnsuredWebhook:
        webhook = await self.create(url, wanted)
        try:
            await secrets.put(webhook.id, webhook.secret)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self.delete(webhook)
            raise
        return EnsuredWebhook(webhook=webhook, action="created", secret=webhook.secret)

    async def delete(self, webhook: str | Webhook | CreatedWebhook) -> None:
        """Delete a webhook, for good.

        Raises:
            NotFound: There is no such webhook.

        Attio: DELETE /v2/webhooks/{webhook_id}, write, retried, webhook:read-write
        """
        await self._session.done(
            DELETE_WEBHOOK, delete_webhook.build_request(resource_id(webhook, "webhook_id"))
        )


def _checked(target_url: str) -> str:
    parts = urlsplit(target_url)
    if parts.scheme != "https" or not parts.hostname:
        raise ConfigurationError(f"a webhook's address starts with https://, unlike {target_url!r}")
    return target_url


def _subscriptions(given: Iterable[Subscription]) -> list[Mapping[str, Any]]:
    return [_subscription(each) for each in as_list(given, "subscriptions", least=1)]


def _subscription(given: Subscription) -> Mapping[str, Any]:
    if isinstance(given, WebhookSubscription):
        return {"event_type": given.event_type, "filter": given.filter}
    if not isinstance(given, str):  # an event newer than this package can be given like this
        return {**given, "filter": _filter(given.get("filter"))}
    if given not in WEBHOOK_EVENTS:
        raise UnknownName("event", given, suggestions=near(given, WEBHOOK_EVENTS), available=WEBHOOK_EVENTS)
    return {"event_type": given, "filter": None}


def _filter(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    from ..webhooks._subscriptions import wire_filter  # noqa: PLC0415 - few have one

    return None if given is None else wire_filter(given)


def _shape(subscriptions: Iterable[Mapping[str, Any]]) -> frozenset[bytes]:
    """What subscriptions say, whatever their order and that of their fields."""
    return frozenset(
        msgspec.json.encode((each["event_type"], each.get("filter")), order="deterministic")
        for each in subscriptions
    )
