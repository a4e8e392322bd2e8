"""The operators of filters, as checks of one stored value.

Which operators each property of each type has is one table, which the client reads as well. What an operator means is
decided here, and apart from the client.
"""

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Self

import attrs

from ...query._operators import RULES, AttributeRules
from .._errors import ApiProblem, filter_error
from .._json_types import is_object
from .._schema import FakeAttribute, Value
from .._workspace.workspace import Workspace
from .operands import Path, array, choice_ids, reader

Check = Callable[[Value], bool]
Get = Callable[[Value], Any]

_ORDERINGS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "$lt": operator.lt,
    "$lte": operator.le,
    "$gt": operator.gt,
    "$gte": operator.ge,
}
_SUBSTRINGS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "$contains": operator.contains,
    "$starts_with": str.startswith,
    "$ends_with": str.endswith,
}
_KNOWN = frozenset({"$eq", "$in", "$not_empty", *_ORDERINGS, *_SUBSTRINGS})


@attrs.frozen
class OneOf:
    """Checks whether a property of a value is one of some values: for equality, and for `$in`."""

    name: str
    get: Get
    wanted: frozenset[object]

    def __call__(self, value: Value) -> bool:
        return self.get(value) in self.wanted

    @classmethod
    def of(cls, checks: Sequence["OneOf"]) -> Self:
        """Return the check that is satisfied if any of several checks of one property is."""
        first = checks[0]
        return cls(first.name, first.get, frozenset[object]().union(*(check.wanted for check in checks)))


def rules_of(attribute: FakeAttribute) -> AttributeRules:
    """Return the properties and operators of an attribute."""
    return RULES[attribute.type]


def getter(name: str) -> Get:
    """Return the function that gets a property of a stored value."""
    if name == "owner_member_id":
        return _owner_member_id
    return operator.itemgetter("phone_number" if name == "normalized_phone_number" else name)


def value_check(workspace: Workspace, attribute: FakeAttribute, condition: object, path: Path) -> Check:
    """Return the check of whether one value satisfies a condition.

    Raises:
        ApiProblem: 400, the type has no such property or operator, or an operand is invalid.
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
    """Split a condition into that of one value, and the properties that must be empty: `{"$not_empty": false}`.

    The latter does not concern one value but all of them.
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
    """Return a condition by property, which the shorthand leaves out.

    Raises:
        ApiProblem: 400, the condition is empty, or has no property and the type has no default one.
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
    """A property of an attribute, and its operators."""

    workspace: Workspace
    attribute: FakeAttribute
    name: str

    def checks(self, asked: object, path: Path) -> list[Check]:
        """Return one check for each operator."""
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
            operands = enumerate(array(operand, path))
            return OneOf(self.name, get, frozenset(read(one, (*path, str(place))) for place, one in operands))
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
        for each in checks:  # noqa: SIM110 - runs for every record
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
