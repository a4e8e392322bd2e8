"""Webhooks and their subscriptions."""

import hashlib
from collections.abc import Mapping
from typing import Any

import attrs

from attio_async_api.operations import WEBHOOK_EVENTS

from .._errors import ApiProblem, invalid, invalid_parameters
from .._validation import BodyField, optional
from .._workspace.entities import FakeWebhook
from .._workspace.entity_views import webhook_view
from .call import OperationCall, data, operation, operations_on, shown

_MIN_LIMIT = 10
_CONDITION = {
    "field": BodyField("string"),
    "operator": BodyField("string", options=("equals", "not_equals")),
    "value": BodyField("string"),
}
_CONDITIONS = BodyField("array", items=BodyField("object", fields=_CONDITION))
_FILTERS = tuple(BodyField("object", fields={join: _CONDITIONS}) for join in ("$or", "$and"))
_SUBSCRIPTION = {
    "event_type": BodyField("string", options=tuple(WEBHOOK_EVENTS)),
    "filter": BodyField("object", nullable=True, any_of=_FILTERS),
}
_NEW = {
    "target_url": BodyField("string", form="https url"),
    "subscriptions": BodyField("array", shortest=1, items=BodyField("object", fields=_SUBSCRIPTION)),
}
_CHANGED = optional(_NEW)

_show = shown(webhook_view)


@operation
def list_webhooks(call: OperationCall) -> object:
    page = call.request.page(10, most=100)
    if page.limit is not None and page.limit < _MIN_LIMIT:
        raise invalid_parameters(invalid(["limit"], f"Expected at least {_MIN_LIMIT}"))
    webhooks = page.of(list(call.entities.webhooks.values()))
    return data([webhook_view(call.workspace, webhook) for webhook in webhooks])


@operation
def create_webhook(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    subscriptions = tuple(map(dict, body["subscriptions"]))
    _check_unique(call, body["target_url"], subscriptions, None)
    webhook_id = call.workspace.new_id()
    webhook = FakeWebhook(
        id=webhook_id,
        created_at=call.stamp.now,
        created_by=call.stamp.actor,
        target_url=body["target_url"],
        subscriptions=subscriptions,
        secret=hashlib.sha256(f"secret of {webhook_id}".encode()).hexdigest(),
    )
    call.entities.webhooks[webhook.id] = webhook
    return data({**webhook_view(call.workspace, webhook), "secret": webhook.secret})


def _update(call: OperationCall, before: FakeWebhook) -> object:
    body = call.request.data(_CHANGED)
    webhook = attrs.evolve(before, target_url=body.get("target_url", before.target_url))
    if "subscriptions" in body:
        webhook = attrs.evolve(webhook, subscriptions=tuple(map(dict, body["subscriptions"])))
    _check_unique(call, webhook.target_url, webhook.subscriptions, webhook)
    call.entities.webhooks[webhook.id] = webhook
    return _show(call, webhook)


def _delete(call: OperationCall, webhook: FakeWebhook) -> object:
    del call.entities.webhooks[webhook.id]
    return {}


def _check_unique(
    call: OperationCall,
    target_url: str,
    subscriptions: tuple[Mapping[str, Any], ...],
    own: FakeWebhook | None,
) -> None:
    """Refuse a subscription that the URL already has, in another webhook or in the same request."""
    taken = [
        subscription
        for other in call.entities.webhooks.values()
        if other.target_url == target_url and (own is None or other.id != own.id)
        for subscription in other.subscriptions
    ]
    for subscription in subscriptions:
        if subscription in taken:
            message = (
                f"A webhook already reports {subscription['event_type']} with this filter to {target_url}."
            )
            raise ApiProblem(409, "uniqueness_conflict", message)
        taken.append(subscription)


operations_on(
    lambda call: call.entity(call.entities.webhooks, "webhook_id"),
    get_webhook=_show,
    update_webhook=_update,
    delete_webhook=_delete,
)
