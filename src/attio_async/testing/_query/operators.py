"""The operators of filters, as checks of one stored value.

Which property of which type knows which operators is a table that the client reads as well; what an operator means,
and how, is decided here alone.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import attrs

from ...query._operators import RULES, AttributeRules
from .. import _timestamps
from .._errors import ApiProblem, filter_error
from .._json_types import is_array, is_object
from .._schema import FakeAttribute, Value
from .._values.read import read_number
from .._workspace.workspace import Workspace

_NUMBERS = frozenset({"number", "rating", "currency"})


_STORED_IN_LOWER_CASE = frozenset({"domain", "email-address"})


_ANY_MOMENT = frozenset({"active_from", "interacted_at"})


_NAMED = {
    "referenced_actor_type": ("api-token", "app", "system", "workspace-member"),
    "interaction_type": ("calendar-event", "call", "chat-thread", "email", "in-person-meeting", "meeting"),
}


Path = tuple[str, ...]


"""Where in the body something is, for the message about it."""


Read = Callable[[Any, Path], Any]


def reader(workspace: Workspace, attribute: FakeAttribute, name: str, *, exact: bool) -> Read:
    """How to read what one property of an attribute is compared with.

    Args:
        workspace: Where objects and options are looked up.
        attribute: What is filtered by.
        name: The property.
        exact: Whether it is compared for being the same; a range can have any bounds.
    """
    if name in _ANY_MOMENT:
        return _timestamp
    if name == "target_object":
        return lambda written, path: _object(workspace, _text(written, path), path)
    if name in _NAMED:
        return lambda written, path: _one_of(_NAMED[name], _text(written, path), path)
    if attribute.type in _NUMBERS:
        takes_text = attribute.type == "currency"
        return lambda written, path: _number(written, path, exact=exact, takes_text=takes_text)
    if attribute.type in _STORED_IN_LOWER_CASE:
        return lambda written, path: _text(written, path).lower()
    return _BY_TYPE.get(attribute.type, _text)


def choice_ids(attribute: FakeAttribute, written: object, path: Path) -> set[str]:
    """The ids of the options or statuses with that id or title.

    Raises:
        ApiProblem: There are none.
    """
    asked = _text(written, path)
    found = {choice.id for choice in attribute.choices if asked in (choice.id, choice.title)}
    if not found:
        raise filter_error(f'Attribute with slug "{attribute.slug}" has no {attribute.type} "{asked}".', path)
    return found


def array(written: object, path: Path) -> list[Any]:
    """A JSON array, as it is."""
    if not is_array(written):
        raise filter_error("Expected an array.", path)
    return written


def _single(written: object, path: Path) -> object:
    if written is None or is_array(written) or is_object(written):
        raise filter_error("Expected a single value to compare with.", path)
    return written


def _text(written: object, path: Path) -> str:
    found = _single(written, path)
    if not isinstance(found, str):
        raise filter_error("Expected a string.", path)
    return found


def _boolean(written: object, path: Path) -> bool:
    found = _single(written, path)
    if not isinstance(found, bool):
        raise filter_error("Expected a boolean.", path)
    return found


def _number(written: object, path: Path, *, exact: bool, takes_text: bool) -> int | float:
    found = _single(written, path)
    if isinstance(found, bool) or not isinstance(found, (int, float, str) if takes_text else (int, float)):
        raise filter_error("Expected a number.", path)
    try:
        return read_number(found) if exact else _finite(found)
    except ValueError as error:
        raise filter_error(f"{error}.", path) from None


def _finite(written: float | str) -> float:
    try:
        found = Decimal(str(written))
    except InvalidOperation:
        raise ValueError("Expected a number") from None
    if not found.is_finite():
        raise ValueError("Expected a finite number")
    return float(found)


def _date(written: object, path: Path) -> str:
    return _moment(_timestamps.read_date, written, path)


def _timestamp(written: object, path: Path) -> str:
    return _moment(_timestamps.read_timestamp, written, path)


def _timestamp_with_time(written: object, path: Path) -> str:
    return _moment(lambda text: _timestamps.read_timestamp(text, time_required=True), written, path)


def _moment(read: Callable[[str], str], written: object, path: Path) -> str:
    try:
        return read(_text(written, path))
    except ValueError as error:
        raise filter_error(f"Expected a moment in ISO 8601 form: {error}.", path) from None


def _object(workspace: Workspace, name: str, path: Path) -> str:
    kind = workspace.object_type(name)
    if kind is None:
        raise unknown_object(name, path)
    return kind.slug


def unknown_object(name: str, path: Path) -> ApiProblem:
    """The refusal of a filter that names an object nobody knows."""
    return filter_error(f'Cannot find object with slug/ID "{name}".', path)


def _one_of(names: Sequence[str], written: str, path: Path) -> str:
    if written not in names:
        raise filter_error(f'Unknown value "{written}": what exists is {", ".join(names)}.', path)
    return written


_BY_TYPE: dict[str, Read] = {
    "checkbox": _boolean,
    "date": _date,
    "timestamp": _timestamp_with_time,
}


Check = Callable[[Value], bool]


Get = Callable[[Value], Any]


@attrs.frozen
class OneOf:
    """Whether a property of a value is one of some: what an equality asks, and `$in`."""

    name: str
    get: Get
    wanted: frozenset[object]

    def __call__(self, value: Value) -> bool:
        return self.get(value) in self.wanted

    @classmethod
    def of(cls, checks: Sequence["OneOf"]) -> Self:
        """Any of several checks of one property."""
        first = checks[0]
        return cls(first.name, first.get, frozenset[object]().union(*(check.wanted for check in checks)))


_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$lt": operator.lt,
    "$lte": operator.le,
    "$gt": operator.gt,
    "$gte": operator.ge,
}


_SUBSTRINGS: Mapping[str, Callable[[str, str], bool]] = {
    "$contains": operator.contains,
    "$starts_with": str.startswith,
    "$ends_with": str.endswith,
}


_KNOWN = frozenset({"$eq", "$in", "$not_empty", *_ORDERINGS, *_SUBSTRINGS})


def rules_of(attribute: FakeAttribute) -> AttributeRules:
    """What can be asked of values of an attribute."""
    return RULES[attribute.type]


def getter(name: str) -> Get:
    """How to get a property of a stored value."""
    if name == "owner_member_id":
        return _owner_member_id
    return operator.itemgetter("phone_number" if name == "normalized_phone_number" else name)


def value_check(workspace: Workspace, attribute: FakeAttribute, condition: object, path: Path) -> Check:
    """Whether one value satisfies all that a filter asks of an attribute.

    Raises:
        ApiProblem: 400, the type has no such property or operator, or what is compared with does not fit.
    """
    properties = rules_of(attribute).properties
    checks: list[Check] = []
    for name, asked in by_property(attribute, condition, path).items():
        where = (*path, name)
        if name not in properties:
            known = ", ".join(properties)
            raise filter_error(f'Unknown property "{name}": what can be filtered by is {known}.', where)
        checks += _Property(workspace, attribute, name).checks(asked, where)
    return checks[0] if len(checks) == 1 else _all_of(checks)


def split_empty(
    attribute: FakeAttribute, condition: object, path: Path
) -> tuple[Mapping[str, Any], list[str]]:
    """A condition by property, and the properties of which no value may have any: `{"$not_empty": false}`.

    The latter is not asked of one value but of all of them.
    """
    wanted: dict[str, Any] = {}
    empty: list[str] = []
    for name, asked in by_property(attribute, condition, path).items():
        rest = asked
        if is_object(asked) and asked.get("$not_empty") is False:
            empty.append(name)
            rest = {each: operand for each, operand in asked.items() if each != "$not_empty"}
        if rest is asked or rest:
            wanted[name] = rest
    return wanted, empty


def by_property(attribute: FakeAttribute, condition: object, path: Path) -> Mapping[str, Any]:
    """The condition with its property, where the shorthand leaves it out.

    Raises:
        ApiProblem: 400, it is empty, or names no property of a type that has no main one.
    """
    rules = rules_of(attribute)
    if is_object(condition) and not any(key.startswith("$") for key in condition):
        if not condition:
            raise filter_error("Expected a condition.", path)
        if attribute.type == "actor-reference" and "referenced_actor_type" not in condition:
            raise filter_error("Actors are filtered by referenced_actor_type and referenced_actor_id.", path)
        return condition
    name = rules.default
    if name is None:
        names = ", ".join(rules.properties)
        raise filter_error(f"Attributes of type {attribute.type} are filtered by: {names}.", path)
    return {name: condition}


@attrs.frozen
class _Property:
    """One property of an attribute, and what can be asked of it."""

    workspace: Workspace
    attribute: FakeAttribute
    name: str

    def checks(self, asked: object, path: Path) -> list[Check]:
        """One check for each operator."""
        operators: Mapping[str, Any] = asked if is_object(asked) else {"$eq": asked}
        if not operators:
            raise filter_error("Expected an operator.", path)
        supported = rules_of(self.attribute).properties[self.name]
        for each in operators:
            if each not in supported:
                raise self._unsupported(each, supported, (*path, each))
        return [self._check(each, operand, (*path, each)) for each, operand in operators.items()]

    def _check(self, asked: str, operand: object, path: Path) -> Check:
        get = getter(self.name)
        if asked == "$not_empty":
            return _not_empty(get, operand, path)
        if self.name in ("option", "status"):
            return OneOf(self.name, get, frozenset(choice_ids(self.attribute, operand, path)))
        read = reader(self.workspace, self.attribute, self.name, exact=asked not in _ORDERINGS)
        if asked == "$in":
            ones = enumerate(array(operand, path))
            return OneOf(self.name, get, frozenset(read(one, (*path, str(place))) for place, one in ones))
        stored = read(operand, path)
        if asked in _SUBSTRINGS:
            return _substring(get, _SUBSTRINGS[asked], stored.casefold())
        if asked in _ORDERINGS:
            return _ordered(get, _ORDERINGS[asked], stored)
        return OneOf(self.name, get, frozenset((stored,)))

    def _unsupported(self, asked: str, supported: Collection[str], path: Path) -> ApiProblem:
        if asked not in _KNOWN:
            return filter_error(f'Unknown operator "{asked}".', path)
        return filter_error(
            f'The operator "{asked}" is not supported for "{self.name}" of attributes of type '
            f"{self.attribute.type}: what is supported is {', '.join(sorted(supported))}.",
            path,
        )


def _all_of(checks: list[Check]) -> Check:
    def check(value: Value) -> bool:
        for each in checks:  # noqa: SIM110 - asked of every record
            if not each(value):
                return False
        return True

    return check


def _not_empty(get: Get, operand: object, path: Path) -> Check:
    if operand is not True:
        raise filter_error("Expected a boolean.", path)
    return lambda value: get(value) not in (None, "")


def _substring(get: Get, compare: Callable[[str, str], bool], part: str) -> Check:
    def check(value: Value) -> bool:
        text = get(value)
        return text is not None and compare(text.casefold(), part)

    return check


def _ordered(get: Get, compare: Callable[[Any, Any], bool], bound: object) -> Check:
    def check(value: Value) -> bool:
        found = get(value)
        return found is not None and compare(found, bound)

    return check


def _owner_member_id(value: Value) -> str | None:
    actor: Mapping[str, str | None] = value["owner_actor"]
    return actor.get("id") if actor.get("type") == "workspace-member" else None
