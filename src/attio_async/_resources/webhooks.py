"""Webhooks: the addresses that Attio delivers events to, and their subscriptions."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Union
from urllib.parse import urlsplit

import attrs
import msgspec

from attio_async_api.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook,
    list_webhooks,
    update_webhook,
)
from attio_async_api.json_data import JsonData
from attio_async_api.models.attribute_target import AttributeTarget
from attio_async_api.models.create_webhook import CreateWebhook
from attio_async_api.models.created_webhook import CreatedWebhook
from attio_async_api.models.update_webhook import UpdateWebhook
from attio_async_api.models.webhook import Webhook
from attio_async_api.models.webhook_subscription import WebhookSubscription
from attio_async_api.operations import (
    WEBHOOK_EVENTS,
)
from attio_async_api.types import UNSET, Unset

from .._pagination.paginator import Paginator
from .._schema import near
from .._utils.public import public
from .._utils.secret import hidden
from .._utils.shield import finish
from .._utils.text import show
from .._workspace.arguments import as_list, resource_id
from .._workspace.collection import Collection
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import ConfigurationError, UnknownName
from ..values import is_uuid

if TYPE_CHECKING:
    from ..webhooks._secrets import SecretStore
    from ..webhooks._subscriptions import On

_log = logging.getLogger("attio_async")

Subscription = Union[str, "On", Mapping[str, Any], WebhookSubscription]
"""An event type, an `On`, or a mapping with `event_type` and `filter`."""


@public
@attrs.frozen(kw_only=True)
class EnsuredWebhook(JsonData):
    """A webhook after `ensure`, its secret, and what was done."""

    webhook: Webhook | CreatedWebhook
    action: Literal["created", "updated", "unchanged"]
    secret: str = attrs.field(repr=False)

    @property
    def is_degraded(self) -> bool:
        """True if a delivery failed in every try, over about 3 days.

        https://docs.attio.com/rest-api/how-to/webhooks
        """
        return self.webhook.status == "degraded"


@public
class Webhooks:
    """The webhooks of the token's app. Give a webhook by id, or as the API returned it."""

    def __init__(self, session: Session, schemas: SchemaCache) -> None:
        self._session = session
        self._schemas = schemas
        self._webhooks = Collection(
            session=session, parse=Webhook.from_dict, id_of=partial(resource_id, part="webhook_id")
        )

    def list(self, *, limit: int | None = None, page_size: int | None = None) -> Paginator[Webhook]:
        """List all webhooks, without their secrets.

        Args:
            limit: The most webhooks to return; all by default.
            page_size: Webhooks per page, 10 to 100.

        Attio: GET /v2/webhooks, read, retried, webhook:read
        """
        return self._webhooks.list(list_webhooks, limit=limit, page_size=page_size)

    async def get(self, webhook: str | Webhook | CreatedWebhook) -> Webhook:
        """Return one webhook, without its secret.

        Raises:
            NotFound: The webhook does not exist.

        Attio: GET /v2/webhooks/{webhook_id}, read, retried, webhook:read
        """
        return await self._webhooks.get(get_webhook, webhook)

    async def create(self, target_url: str, subscriptions: Iterable[Subscription]) -> CreatedWebhook:
        """Create a webhook, and return it with its `secret`. The API never shows it again: store it to verify deliveries.

        Args:
            target_url: The address to deliver to; https.
            subscriptions: Event types such as "record.created", `webhooks.On` with names that are looked up in the
                schema, or mappings with event_type and filter.

        Raises:
            ConfigurationError: The address is not https, or no subscription was given. Nothing was sent.
            UnknownName: An event type, or the attribute of an `On`, is unknown. Nothing was written.
            Conflict: A webhook with this address and a subscription exists. Nothing was written.
            OutcomeUnknown: The response was lost, and the secret with it. It was not sent again.

        Attio: POST /v2/webhooks, write, not repeated, webhook:read-write
        """
        body = CreateWebhook(
            target_url=_check_url(target_url),
            subscriptions=await _encode_subscriptions(self._schemas, subscriptions),
        )
        return await self._session.one(create_webhook, CreatedWebhook.from_dict, body=body)

    async def update(
        self,
        webhook: str | Webhook | CreatedWebhook,
        *,
        target_url: str | Unset = UNSET,
        subscriptions: Iterable[Subscription] | Unset = UNSET,
    ) -> Webhook:
        """Change the address or the subscriptions of a webhook, and return it. What is not given stays as it is.

        Args:
            webhook: The webhook.
            target_url: The address to deliver to; https.
            subscriptions: All subscriptions; others are removed.

        Raises:
            ConfigurationError: Nothing to change was given, or it is not valid. Nothing was sent.
            UnknownName: An event type, or the attribute of an `On`, is unknown. Nothing was written.
            NotFound: The webhook does not exist.
            Conflict: A webhook with this address and a subscription exists. Nothing was written.

        Attio: PATCH /v2/webhooks/{webhook_id}, write, retried, webhook:read-write
        """
        body = UpdateWebhook(
            target_url=UNSET if isinstance(target_url, Unset) else _check_url(target_url),
            subscriptions=UNSET
            if isinstance(subscriptions, Unset)
            else await _encode_subscriptions(self._schemas, subscriptions),
        )
        return await self._webhooks.update(update_webhook, webhook, body)

    async def ensure(
        self, target_url: str, subscriptions: Iterable[Subscription], *, secrets: "SecretStore"
    ) -> EnsuredWebhook:
        """Create the webhook of this address, or change its subscriptions if they differ; return it with its secret.

        Safe to call at every start of a program, but not by several programs at the same time. A new webhook whose
        secret cannot be stored is deleted again, and a cancelled caller waits until the secret is stored.

        Args:
            target_url: The address to deliver to; https. It tells this webhook from others.
            subscriptions: All subscriptions, as for `create`.
            secrets: The store of the secret, such as `FileSecrets`.

        Raises:
            ConfigurationError: The address is not https, no subscription was given, or the webhook exists and the store
                does not have its secret. Nothing was written.
            UnknownName: An event type, or the attribute of an `On`, is unknown. Nothing was written.

        Attio: GET /v2/webhooks, read, retried, webhook:read
        Attio: POST /v2/webhooks, write, not repeated, webhook:read-write, when none has the URL
        Attio: PATCH /v2/webhooks/{webhook_id}, write, retried, webhook:read-write, when it differs
        """
        url = _check_url(target_url)
        wanted = await _encode_subscriptions(self._schemas, subscriptions)
        found = [webhook async for webhook in self.list() if webhook.target_url == url]
        known = [(webhook, hidden(await secrets.get(webhook.id) or None)) for webhook in found]
        own = next(((webhook, secret) for webhook, secret in known if secret is not None), None)
        if own is None:
            if found:
                raise ConfigurationError(
                    f"webhook {found[0].id} delivers to {url} already, and the store does not have its secret; "
                    "add the secret to the store, or delete the webhook"
                )
            return await finish(lambda: self._create_with_secret(url, wanted, secrets))
        webhook, secret = own
        action: Literal["updated", "unchanged"] = "unchanged"
        if _comparable(map(_encode_subscription, webhook.subscriptions)) != _comparable(wanted):
            webhook, action = await self.update(webhook, subscriptions=wanted), "updated"
        ensured = EnsuredWebhook(webhook=webhook, action=action, secret=secret.reveal())
        if ensured.is_degraded:
            _log.warning("webhook %s is degraded: deliveries to it failed or timed out", webhook.id)
        return ensured

    async def _create_with_secret(
        self, url: str, wanted: Iterable[Mapping[str, Any]], secrets: "SecretStore"
    ) -> EnsuredWebhook:
        # Only this response has the secret: https://docs.attio.com/rest-api/endpoint-reference/webhooks/create-a-webhook
        webhook = await self.create(url, wanted)
        try:
            await secrets.put(webhook.id, webhook.secret)
        except BaseException:
            await self.delete(webhook)
            raise
        return EnsuredWebhook(webhook=webhook, action="created", secret=webhook.secret)

    async def delete(self, webhook: str | Webhook | CreatedWebhook) -> None:
        """Delete a webhook for good.

        Raises:
            NotFound: The webhook does not exist.

        Attio: DELETE /v2/webhooks/{webhook_id}, write, retried, webhook:read-write
        """
        await self._webhooks.delete(delete_webhook, webhook)


def _check_url(target_url: str) -> str:
    # https://docs.attio.com/rest-api/how-to/webhooks
    try:
        parts = urlsplit(target_url)
        is_valid = parts.scheme == "https" and bool(parts.hostname)
    except (ValueError, TypeError, AttributeError):  # the last two for what is not a text
        is_valid = False
    if not is_valid:
        raise ConfigurationError(f"target_url must start with https://, unlike {show(target_url)}")
    return target_url


async def _encode_subscriptions(
    schemas: SchemaCache, given: Iterable[Subscription]
) -> list[Mapping[str, Any]]:
    wanted = as_list(given, "subscriptions", min_items=1)
    return [
        _encode_subscription(each)
        if isinstance(each, str | Mapping | WebhookSubscription) or not hasattr(each, "wire")
        else each.wire(await _subscribed_ids(schemas, each))
        for each in wanted
    ]


async def _subscribed_ids(schemas: SchemaCache, on: "On") -> Mapping[str, str]:
    """Return the ids of the object, list and attribute of a subscription. The attribute of an entry is its list's."""
    ids: dict[str, str] = {}
    if on.object is not None:
        ids["object"] = await schemas.id_of(on.object, target="objects")
    if on.list is not None:
        ids["list"] = await schemas.id_of(on.list, target="lists")
    if on.attribute is not None:
        ids["attribute"] = await _attribute_id(schemas, on, on.attribute)
    return ids


async def _attribute_id(schemas: SchemaCache, on: "On", attribute: str) -> str:
    if is_uuid(attribute):
        return attribute
    target: AttributeTarget = "objects" if on.list is None else "lists"
    name = await schemas.slug(on.list or on.object or "", target=target)
    return (await schemas.get(name, target=target)).find(attribute).id


def _encode_subscription(given: Subscription) -> Mapping[str, Any]:
    if isinstance(given, WebhookSubscription):
        return {"event_type": given.event_type, "filter": given.filter}
    if not isinstance(given, str):  # a mapping may name an event that is newer than this package
        if not isinstance(given, Mapping) or not isinstance(given.get("event_type"), str):
            raise ConfigurationError(
                f"{show(given)} is not a subscription; give the name of an event, or a dict with its event_type"
            )
        return {**given, "filter": _encode_filter(given.get("filter"))}
    if given not in WEBHOOK_EVENTS:
        raise UnknownName("event", given, suggestions=near(given, WEBHOOK_EVENTS), available=WEBHOOK_EVENTS)
    return {"event_type": given, "filter": None}


def _encode_filter(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    from ..webhooks._subscriptions import wire_filter  # noqa: PLC0415 - most subscriptions have no filter

    return None if given is None else wire_filter(given)


def _comparable(subscriptions: Iterable[Mapping[str, Any]]) -> frozenset[bytes]:
    """Return a value that is equal for equal subscriptions, in any order."""
    return frozenset(
        msgspec.json.encode((each["event_type"], each.get("filter")), order="deterministic")
        for each in subscriptions
    )
