"""Filters of subscriptions: what Attio should leave out before it delivers. Pure.

::

    subscription = {
        "event_type": "record.updated",
        "filter": all_of(equals("id.object_id", deals), not_equals("actor.type", "api-token")),
    }

A field is a place in the event, such as "actor.type" or "id.list_id". Attio takes one `$and` or one `$or` of conditions,
and none within the other. Test deliveries from Attio's settings ignore filters.
"""

from collections.abc import Mapping
from typing import Any, cast

from ..errors import ConfigurationError

SubscriptionFilter = Mapping[str, Any]

_JOINS = ("$and", "$or")
_OPERATORS = ("equals", "not_equals")
_CONDITION = {"field", "operator", "value"}


def equals(field: str, value: str) -> SubscriptionFilter:
    """True of events where the field is this value."""
    return {"field": _named(field), "operator": "equals", "value": value}


def not_equals(field: str, value: str) -> SubscriptionFilter:
    """True of events where the field is another value."""
    return {"field": _named(field), "operator": "not_equals", "value": value}


def all_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """True of events of which all of these are true.

    Raises:
        ConfigurationError: There is none, or one of them is an `any_of`.
    """
    return {"$and": _conditions("$and", list(filters))}


def any_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """True of events of which at least one of these is true.

    Raises:
        ConfigurationError: There is none, or one of them is an `all_of`.
    """
    return {"$or": _conditions("$or", list(filters))}


def _named(field: str) -> str:
    if not field or not all(field.split(".")):
        raise ConfigurationError(f"a field is named like 'actor.type' or 'id.object_id', not {field!r}")
    return field


def wire_filter(given: SubscriptionFilter) -> dict[str, Any]:
    """The filter in the one form that Attio takes: a join of conditions, even when there is only one.

    Raises:
        ConfigurationError: It cannot be said in that form, or is no filter.
    """
    join = next(iter(given), "") if len(given) == 1 else ""
    if join not in _JOINS:
        return {"$and": [_condition(given)]}
    return {join: _conditions(join, given[join])}


def _conditions(join: str, given: object) -> list[dict[str, Any]]:
    """The conditions of a join; what is joined in the same way within it is taken apart."""
    if not isinstance(given, list) or not given:
        raise ConfigurationError(f"{join} joins a list of conditions, at least one")
    found: list[dict[str, Any]] = []
    for each in cast("list[SubscriptionFilter]", given):
        if set(each) == {join}:
            found += _conditions(join, each[join])
        elif len(each) == 1 and not set(each).isdisjoint(_JOINS):
            raise ConfigurationError(
                f"Attio takes no {next(iter(each))} within {join}: subscribe to the event several times, or leave the rest "
                "to where= of the handler"
            )
        else:
            found.append(_condition(each))
    return found


def _condition(given: SubscriptionFilter) -> dict[str, Any]:
    if set(given) != _CONDITION or given["operator"] not in _OPERATORS or not isinstance(given["value"], str):
        raise ConfigurationError(
            f"a condition has a field, an operator ({' or '.join(_OPERATORS)}) and a text as value, unlike {dict(given)!r}"
        )
    return {"field": _named(given["field"]), "operator": given["operator"], "value": given["value"]}
