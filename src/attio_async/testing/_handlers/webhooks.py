"""Webhooks: which events are reported to which address."""

import hashlib
from collections.abc import Mapping
from typing import Any

import attrs

from attio_async_api.operations import WEBHOOK_EVENTS

from .._errors import (
    ApiProblem,
    Issue,
    invalid,
    invalid_body,
    invalid_parameters,
)
from .._request.validation import BodyField
from .._workspace.entities import FakeWebhook
from .._workspace.entity_views import webhook_view
from .call import Handlers, OperationCall, data, the

_DEFAULT_LIMIT = 10
_LEAST = 10
_MOST = 100
_JOINS = ("$and", "$or")

_SUBSCRIPTION = {
    "event_type": BodyField("string", options=tuple(WEBHOOK_EVENTS)),
    "filter": BodyField("object", nullable=True),
}
_CONDITION = {
    "field": BodyField("string"),
    "operator": BodyField("string", options=("equals", "not_equals")),
    "value": BodyField("string"),
}
_CONDITIONS = BodyField("array", items=BodyField("object", fields=_CONDITION))
_NEW = {
    "target_url": BodyField("string", form="https url"),
    "subscriptions": BodyField("array", shortest=1, items=BodyField("object", fields=_SUBSCRIPTION)),
}
_CHANGED = {name: field.optional() for name, field in _NEW.items()}


def _list_webhooks(call: OperationCall) -> object:
    page = call.request.page(_DEFAULT_LIMIT, most=_MOST)
    if page.limit is not None and page.limit < _LEAST:
        raise invalid_parameters(invalid(["limit"], f"Expected at least {_LEAST}"))
    every = list(call.workspace.data.things.webhooks.values())
    return data([webhook_view(call.workspace, webhook) for webhook in page.of(every)])


def _create_webhook(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    subscriptions = _subscriptions(body["subscriptions"])
    _check_new(call, body["target_url"], subscriptions, None)
    webhook_id = call.workspace.new_id()
    webhook = FakeWebhook(
        id=webhook_id,
        created_at=call.author.stamp.now,
        created_by=call.author.stamp.actor,
        target_url=body["target_url"],
        subscriptions=subscriptions,
        secret=hashlib.sha256(f"secret of {webhook_id}".encode()).hexdigest(),
    )
    call.workspace.data.things.webhooks[webhook.id] = webhook
    return data({**webhook_view(call.workspace, webhook), "secret": webhook.secret})


def _get_webhook(call: OperationCall) -> object:
    webhooks = call.workspace.data.things.webhooks
    return data(webhook_view(call.workspace, the(webhooks, call, "webhook_id")))


def _update_webhook(call: OperationCall) -> object:
    webhooks = call.workspace.data.things.webhooks
    before = the(webhooks, call, "webhook_id")
    body = call.request.data(_CHANGED)
    webhook = attrs.evolve(before, target_url=body.get("target_url", before.target_url))
    if "subscriptions" in body:
        webhook = attrs.evolve(webhook, subscriptions=_subscriptions(body["subscriptions"]))
    _check_new(call, webhook.target_url, webhook.subscriptions, webhook)
    webhooks[webhook.id] = webhook
    return data(webhook_view(call.workspace, webhook))


def _delete_webhook(call: OperationCall) -> object:
    webhooks = call.workspace.data.things.webhooks
    del webhooks[the(webhooks, call, "webhook_id").id]
    return {}


def _subscriptions(given: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    issues: list[Issue] = []
    for place, one in enumerate(given):
        path = ["data", "subscriptions", str(place), "filter"]
        condition: Mapping[str, Any] | None = one["filter"]
        if condition is None:
            continue
        if len(condition) != 1 or next(iter(condition)) not in _JOINS:
            issues.append(invalid(path, "Expected one of '$and' and '$or', or null"))
        for join, conditions in condition.items():
            issues += _CONDITIONS.issues(conditions, [*path, join]) if join in _JOINS else []
    if issues:
        raise invalid_body(*issues)
    return tuple(dict(one) for one in given)


def _check_new(
    call: OperationCall,
    target_url: str,
    subscriptions: tuple[Mapping[str, Any], ...],
    own: FakeWebhook | None,
) -> None:
    """Refuse a webhook that would report the same to the same address as another one."""
    for other in call.workspace.data.things.webhooks.values():
        is_own = own is not None and other.id == own.id
        if not is_own and (other.target_url, other.subscriptions) == (target_url, subscriptions):
            raise ApiProblem(
                409,
                "uniqueness_conflict",
                f'The webhook with ID "{other.id}" reports the same to {target_url} already.',
            )


HANDLERS: Handlers = {
    "list_webhooks": _list_webhooks,
    "create_webhook": _create_webhook,
    "get_webhook": _get_webhook,
    "update_webhook": _update_webhook,
    "delete_webhook": _delete_webhook,
}
