"""Whether Attio documents an operator for an attribute, and which property a comparison means."""

from typing import Any

from attio_async.values.fitting import listing
from attio_async.values.types import Name, PersonName

from .filters import COMPARISONS
from .operators import operators_of
from .resolving import Place, Refused

__all__ = ["RANGE", "checked", "default_property", "spoken"]

# What `between` asks: at least the first value, and less than the second.
RANGE = {"$between": ("$gte", "$lt")}

# The guides ask for these without naming a property.
_WITHOUT_PROPERTY = frozenset({"record_id", "entry_id"})
# What can be written, in the order of telling, and the operators that it takes.
_PYTHON = {
    "==": ("$eq",),
    "!=": ("$eq",),
    "<": ("$lt",),
    "<=": ("$lte",),
    ">": ("$gt",),
    ">=": ("$gte",),
    "between()": ("$gte", "$lt"),
    "in_()": ("$eq",),
    "contains()": ("$contains",),
    "starts_with()": ("$starts_with",),
    "ends_with()": ("$ends_with",),
    "not_empty()": ("$not_empty",),
    "is_empty()": ("$not_empty",),
}


def default_property(place: Place, operator: str, value: Any) -> str:
    """The property that a comparison without one means; "" when that is left to the API.

    Raises:
        Refused: There are several and none is the usual one.
    """
    rules = place.rules
    if rules is None:
        return "full_name" if isinstance(value, Name | PersonName) else ""
    if place.slug in _WITHOUT_PROPERTY and not place.path:
        return ""
    if operator == "$not_empty" and rules.presence is not None:
        return rules.presence
    if rules.default is None:
        raise Refused(
            f"{place.slug} is of type {place.type} and has several parts",
            f"say which: {listing(rules.properties)}",
        )
    return rules.default


def checked(operator: str, name: str, place: Place) -> frozenset[str]:
    """The operators of the property, when the one in question is among them or can be put in terms of them.

    Raises:
        Refused: It is not documented for the property.
    """
    allowed = _allowed(name, place)
    if allowed is None:
        return frozenset()
    if operator in allowed or (operator == "$in" and "$eq" in allowed):
        return allowed
    needed = RANGE.get(operator, (operator,))
    if allowed.issuperset(needed):
        return allowed
    rules = place.rules
    properties = rules.properties.items() if rules is not None else ()
    others = [other for other, known in properties if known.issuperset(needed)]
    raise Refused(
        f"Attio documents no {spoken(operator)} for {name or 'the value'} of {place.described}",
        f"there is {', '.join(_possible(allowed))}"
        + (f"; {spoken(operator)} works on {listing(others)}" if others else "")
        + "; Filter.raw({...}) is sent unchecked",
    )


def _allowed(name: str, place: Place) -> frozenset[str] | None:
    """The operators of the property; None when nothing is known of it."""
    rules = place.rules
    if rules is None:
        properties = operators_of(place.type)
        return properties[name] if name and properties is not None else None
    return rules.properties[name or rules.default or ""]


def _possible(allowed: frozenset[str]) -> list[str]:
    return [written for written, needed in _PYTHON.items() if allowed.issuperset(needed)]


def spoken(operator: str) -> str:
    """The operator as it is written in Python."""
    if operator in COMPARISONS:
        return COMPARISONS[operator]
    return "in_()" if operator == "$in" else f"{operator.removeprefix('$')}()"
