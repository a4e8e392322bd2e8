"""Subscriptions and their filters, which limit the events that Attio delivers. Pure.

`On` names objects, lists and attributes by their slugs; the client finds the ids that Attio filters by::

    subscription = On("record.updated", object="deals", attribute="stage")

A filter can be written out as well::

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

import attrs

from .._schema import near
from .._utils.public import public
from .._utils.text import show
from ..errors import ConfigurationError, UnknownName
from ..values import is_uuid
from ._events import EVENT_CLASSES

SubscriptionFilter = Mapping[str, Any]
"""A condition, or a join of conditions, in Attio's form."""

_JOINS = ("$and", "$or")
_OPERATORS = ("equals", "not_equals")
_CONDITION_KEYS = {"field", "operator", "value"}


_IDS_BESIDE_ID = "comment"
"""The events whose ids of an object and a list stand beside `id`: https://docs.attio.com/rest-api/webhook-reference."""


@public
@attrs.frozen
class On:
    """A subscription to one type of event, of one object, list or attribute. Conditions are joined by "and".

    Args:
        event_type: Attio's name for the event, such as "record.updated".
        object: The object of the event's record, by slug, title or id. For entries and notes, that of the parent.
        list: The event's list, by slug, title or id.
        attribute: The attribute that changed, by slug, title or id: of the list if one is given, else of the object.
        filter: A further condition, such as ``equals("actor.type", "workspace-member")``, or an `all_of` them.

    Raises:
        UnknownName: The event type is unknown.
        ConfigurationError: The event has no object, list or attribute to be told by, or the attribute could be any
            object's.
    """

    event_type: str
    object: str | None = attrs.field(default=None, kw_only=True)
    list: str | None = attrs.field(default=None, kw_only=True)
    attribute: str | None = attrs.field(default=None, kw_only=True)
    filter: SubscriptionFilter | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.event_type not in EVENT_CLASSES:
            known = tuple(EVENT_CLASSES)
            raise UnknownName(
                "event", self.event_type, suggestions=near(self.event_type, known), available=known
            )
        for part in ("object", "list", "attribute"):
            if getattr(self, part) is not None and _id_path(self.event_type, part) is None:
                raise ConfigurationError(f"{self.event_type} has no {part}: leave {part}= out")
        if self.attribute and not is_uuid(self.attribute) and not (self.object or self.list):
            raise ConfigurationError(
                f"attribute {self.attribute!r} could be any object's: give object= or list= as well"
            )

    def wire(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """Return the subscription as Attio takes it, with the ids of its object, list and attribute."""
        conditions = [equals(str(_id_path(self.event_type, part)), id_) for part, id_ in ids.items()]
        if self.filter is not None:
            conditions.append(self.filter)
        return {"event_type": self.event_type, "filter": all_of(*conditions) if conditions else None}


def _id_path(event_type: str, part: str) -> str | None:
    """Return the path of the id of an object, list or attribute in events of a type; None without one."""
    fields = attrs.fields_dict(EVENT_CLASSES[event_type])
    if part == "object" and "parent_object_id" in fields:
        return "parent_object_id"
    if f"{part}_id" not in fields:
        return None
    is_beside = event_type.partition(".")[0] == _IDS_BESIDE_ID
    return f"{part}_id" if is_beside else f"id.{part}_id"


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
    _check_dict(given)
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
        _check_dict(each)
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


def _check_dict(given: object) -> None:
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{show(given)} is not a valid filter: it must be a dict")


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
