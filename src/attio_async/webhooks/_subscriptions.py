"""Filters of subscriptions, which limit the events that Attio delivers. Pure.

::

    subscription = {
        "event_type": "record.updated",
        "filter": all_of(equals("id.object_id", deals), not_equals("actor.type", "api-token")),
    }

A field is a path in the event, such as "actor.type" or "id.list_id". Attio takes one `$and` or one `$or` of conditions,
and no nesting. Test events sent from Attio's settings ignore filters
(https://docs.attio.com/rest-api/how-to/webhooks, "Filtering").
"""

from collections.abc import Mapping
from typing import Any, cast

from .._utils.public import public
from ..errors import ConfigurationError

SubscriptionFilter = Mapping[str, Any]
"""A condition, or a join of conditions, in Attio's form."""

_JOINS = ("$and", "$or")
_OPERATORS = ("equals", "not_equals")
_CONDITION_KEYS = {"field", "operator", "value"}


@public
def equals(field: str, value: str) -> SubscriptionFilter:
    """Match events in which the field has this value."""
    return _condition({"field": field, "operator": "equals", "value": value})


@public
def not_equals(field: str, value: str) -> SubscriptionFilter:
    """Match events in which the field has another value."""
    return _condition({"field": field, "operator": "not_equals", "value": value})


@public
def all_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """Match events that match every one of the filters.

    Raises:
        ConfigurationError: No filter is given, or one is an `any_of`.
    """
    return {"$and": _conditions("$and", list(filters))}


@public
def any_of(*filters: SubscriptionFilter) -> SubscriptionFilter:
    """Match events that match at least one of the filters.

    Raises:
        ConfigurationError: No filter is given, or one is an `all_of`.
    """
    return {"$or": _conditions("$or", list(filters))}


def wire_filter(given: SubscriptionFilter) -> dict[str, Any]:
    """Return the filter in the one form that Attio takes: a join of conditions, even of a single one.

    Raises:
        ConfigurationError: The filter is invalid, or cannot be expressed in that form.
    """
    join = next(iter(given), "") if len(given) == 1 else ""
    if join not in _JOINS:
        return {"$and": [_condition(given)]}
    return {join: _conditions(join, given[join])}


def _conditions(join: str, given: object) -> list[dict[str, Any]]:
    """Return the conditions of a join; a join of the same kind within it is flattened."""
    if not isinstance(given, list) or not given:
        raise ConfigurationError(f"{join} must be a list of at least one condition")
    conditions: list[dict[str, Any]] = []
    for each in cast("list[SubscriptionFilter]", given):
        if set(each) == {join}:
            conditions += _conditions(join, each[join])
        elif len(each) == 1 and not set(each).isdisjoint(_JOINS):
            raise ConfigurationError(
                f"Attio does not support {next(iter(each))} within {join}: subscribe to the event several times, "
                "or use where= of the handler"
            )
        else:
            conditions.append(_condition(each))
    return conditions


def _condition(given: SubscriptionFilter) -> dict[str, Any]:
    if (
        set(given) != _CONDITION_KEYS
        or given["operator"] not in _OPERATORS
        or not isinstance(given["value"], str)
    ):
        raise ConfigurationError(
            f"{dict(given)!r} is not a valid condition: it needs a field, an operator ({' or '.join(_OPERATORS)}) "
            "and a string value"
        )
    field = given["field"]
    if not (isinstance(field, str) and all(field.split("."))):
        raise ConfigurationError(f"{field!r} is not a valid field: use a path such as 'actor.type'")
    return {"field": field, "operator": given["operator"], "value": given["value"]}
