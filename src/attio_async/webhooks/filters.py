"""Filters of subscriptions: what Attio should leave out before it delivers. Pure.

::

    subscription = {
        "event_type": "record.updated",
        "filter": all_of(equals("id.object_id", deals), not_equals("actor.type", "api-token")),
    }

A field is a place in the event, such as "actor.type" or "id.list_id". Test deliveries from Attio's settings ignore
filters.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import ConfigurationError

__all__ = ["SubscriptionFilter", "all_of", "any_of", "equals", "not_equals"]

SubscriptionFilter = Mapping[str, Any]


def equals(field: str, value: str) -> SubscriptionFilter:
    """True of events where the field is this value."""
    return {"field": _named(field), "operator": "equals", "value": value}


def not_equals(field: str, value: str) -> SubscriptionFilter:
    """True of events where the field is another value."""
    return {"field": _named(field), "operator": "not_equals", "value": value}


def all_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """True of events of which all of these are true.

    Raises:
        ConfigurationError: There is none.
    """
    return {"$and": _some(filters)}


def any_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """True of events of which at least one of these is true.

    Raises:
        ConfigurationError: There is none.
    """
    return {"$or": _some(filters)}


def _named(field: str) -> str:
    if not field or not all(field.split(".")):
        raise ConfigurationError(f"a field is named like 'actor.type' or 'id.object_id', not {field!r}")
    return field


def _some(filters: tuple[SubscriptionFilter, ...]) -> list[SubscriptionFilter]:
    if not filters:
        raise ConfigurationError("say what to filter by: there must be at least one condition")
    return list(filters)
