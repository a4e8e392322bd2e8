"""From filters to the JSON that Attio documents."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import attrs

from ..errors import FilterError, UnknownName
from ..values._spec import Misfit, listing, show
from ..values._types import (
    ActorRef,
    Location,
    Member,
    Name,
    PersonName,
    RecordRef,
    Ref,
)
from ._coerce import actor, coerced, reference
from ._context import (
    CompileContext,
    Members,
    SchemaInfo,
    SchemaLookup,
)
from ._filters import Condition, Filter, Junction, Negation, Raw, SameValue, depth_of, no_filter, shortened
from ._operators import COMPARISONS, RULES, operators_of
from ._resolve import (
    CompileError,
    Subject,
    refusal,
    resolve,
)

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


def default_property(place: Subject, operator: str, value: Any) -> str:
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
        raise CompileError(
            f"{place.slug} is of type {place.type} and has several parts",
            f"say which: {listing(rules.properties)}",
        )
    return rules.default


def checked(operator: str, name: str, place: Subject) -> frozenset[str]:
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
    raise CompileError(
        f"Attio documents no {spoken(operator)} for {name or 'the value'} of {place.described}",
        f"there is {', '.join(_possible(allowed))}"
        + (f"; {spoken(operator)} works on {listing(others)}" if others else "")
        + "; Filter.raw({...}) is sent unchecked",
    )


def _allowed(name: str, place: Subject) -> frozenset[str] | None:
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


_ORDER = frozenset({"$lt", "$lte", "$gt", "$gte"})


# What is asked of each property, "" standing for the attribute itself: operators with values, or a bare value.
Constraints = dict[str, Any]


class Fragment(NamedTuple):
    """What is asked of one attribute."""

    place: Subject
    constraints: Constraints

    @property
    def can_share(self) -> bool:
        """Whether another condition on the attribute can be asked together with it."""
        if self.place.is_single:
            return True
        # Whatever the attribute is, only types that hold one value can be compared by order, but for the time
        # of a choice.
        return (
            self.place.type is None
            and not self.place.path
            and "active_from" not in self.constraints
            and all(isinstance(asked, dict) and asked.keys() <= _ORDER for asked in self.constraints.values())
        )


Compiled = Fragment | dict[str, Any]


def to_json(compiled: Compiled) -> dict[str, Any]:
    """The JSON of a fragment; what is JSON already stays.

    Raises:
        FilterError: It asks for the id of an actor and not for the type, which the API needs too.
    """
    if isinstance(compiled, dict):
        return compiled
    place, constraints = compiled.place, compiled.constraints
    if "referenced_actor_id" in constraints and "referenced_actor_type" not in constraints:
        raise FilterError(
            f"{place.described}: an actor is found by type and id together; compare the attribute itself with "
            "ActorRef('workspace-member', id)"
        )
    asked = constraints.get("", constraints)
    if place.path:
        return {"path": [list(step) for step in place.path], "constraints": asked}
    return {place.slug: asked}


def any_of(parts: Sequence[Compiled]) -> Compiled:
    """Any of the parts; of one part, itself."""
    return parts[0] if len(parts) == 1 else {"$or": [to_json(part) for part in parts]}


def all_of(parts: Sequence[Compiled]) -> Compiled:
    """All of the parts, those on the same attribute in one object where that asks the same."""
    result: list[Compiled] = []
    position: dict[str, int] = {}
    for part in parts:
        together = None
        if isinstance(part, Fragment) and part.can_share:
            at = position.setdefault(part.place.slug, len(result))
            together = merged(cast("Fragment", result[at]), part) if at < len(result) else None
        if together is None:
            result.append(part)
        else:
            result[position[together.place.slug]] = together
    return result[0] if len(result) == 1 else {"$and": [to_json(part) for part in result]}


def merged(first: Fragment, second: Fragment) -> Fragment | None:
    """Both in one; None when both ask the same of a property, or only one of them names a property."""
    result: dict[str, Any] = dict(first.constraints)
    for name, asked in second.constraints.items():
        before = result.get(name)
        if before is None and ("" in result) == (name == ""):
            result[name] = asked
        elif isinstance(before, dict) and isinstance(asked, dict) and not before.keys() & asked.keys():
            result[name] = {**before, **asked}
        else:
            return None
    return Fragment(first.place, result)


_DEEPEST = 100


def compile_filter(
    filter: Filter | Mapping[str, Any] | None,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
    members: Members | None = None,
) -> dict[str, Any]:
    """The filter in Attio's own form; empty for None, which is no filter.

    With a schema, names may be slugs, titles or ids, and properties, operators and values are checked and put
    into the form of the attribute's type. Without one, it goes by the shape of the expression: what can be told
    from that is checked, and a reference's target has to be said with `via`.

    Args:
        filter: An expression, or a dict, which is passed on as it is.
        schema: The attributes of the object or list that is queried.
        source: Its slug or id, with which paths begin; the schema's name when left out.
        schemas: The schemas of other objects, for paths.
        members: E-mail addresses and full names of members, case-folded, to their ids.

    Raises:
        FilterError: It cannot work. Where a name was not found, its cause is an UnknownName.
    """
    if filter is None:
        return {}
    if not isinstance(filter, Filter):
        return _given(filter)
    depth = depth_of(filter)
    if depth > _DEEPEST:
        raise FilterError(
            f"{shortened(filter)} has {depth} levels of & | ~ within each other, more than {_DEEPEST}; "
            "join the conditions that belong together on one level"
        )
    return to_json(_compiled(filter, known_from(schema, source, schemas, members)))


def _given(filter: object) -> dict[str, Any]:
    if isinstance(filter, Mapping):
        return dict(cast("Mapping[str, Any]", filter))
    raise no_filter(filter)


def known_from(
    schema: SchemaInfo | None, source: str | None, schemas: SchemaLookup | None, members: Members | None
) -> CompileContext:
    """What is known, with the schema's name for the source when nothing else is said."""
    return CompileContext(
        schema.name if source is None and schema is not None else source, schema, schemas, members
    )


def _compiled(filter: Filter, known: CompileContext) -> Compiled:
    if isinstance(filter, Condition):
        try:
            return _condition(filter, known)
        except (CompileError, Misfit, UnknownName) as error:
            raise refusal(shortened(filter), error) from error
    if isinstance(filter, Junction):
        join = all_of if filter.operator == "$and" else any_of
        return join([_compiled(part, known) for part in filter.parts])
    if isinstance(filter, Negation):
        return {"$not": to_json(_compiled(filter.part, known))}
    if isinstance(filter, SameValue):
        return _same_value(filter, known)
    return cast("dict[str, Any]", json.loads(cast("Raw", filter).text))


def _same_value(filter: SameValue, known: CompileContext) -> Fragment:
    result: Fragment | None = None
    for part in filter.parts:
        found = _compiled(part, known)
        if not isinstance(found, Fragment):
            raise FilterError(f"{shortened(part)} asks for any of several things, which one value cannot be")
        together = found if result is None else merged(result, found)
        if result is not None and not _is_same(result.place, found.place):
            raise FilterError(
                f"{shortened(filter)}: {result.place.described} and {found.place.described} are different "
                "attributes, and a value is one of a single attribute"
            )
        if together is None:
            raise FilterError(f"{shortened(filter)} asks for one thing twice")
        result = together
    return cast("Fragment", result)


def _is_same(one: Subject, other: Subject) -> bool:
    return one.slug == other.slug and one.path == other.path


def _condition(condition: Condition, known: CompileContext) -> Compiled:
    place = resolve(condition.steps, known)
    operator, value = condition.operator, condition.value
    if place.property_name is None:
        whole = _of_the_whole(place, operator, value, known)
        if whole is not None:
            return any_of([Fragment(*part) for part in whole])
    name = place.property_name or default_property(place, operator, value)
    allowed = checked(operator, name, place)
    if operator == "$in" and "$in" not in allowed:
        return any_of([_asked(place, name, "$eq", each, known) for each in value])
    return _asked(place, name, operator, value, known)


def _of_the_whole(
    place: Subject, operator: str, value: Any, known: CompileContext
) -> list[tuple[Subject, Constraints]] | None:
    """What a comparison of the attribute as a whole asks, any of it, where a value has several parts."""
    first = value[0] if operator == "$in" else value
    kind = place.type if place.rules is not None else _shape(first)
    if kind == "record-reference":
        return reference(place, operator, value, known)
    if kind == "actor-reference":
        return actor(place, operator, value, known)
    if kind == "location" and isinstance(first, Location):
        return _location(place, operator, value)
    return None


def _shape(value: Any) -> str | None:
    """The type of attribute that such a value can only be compared with."""
    if isinstance(value, RecordRef | Ref):
        return "record-reference"
    if isinstance(value, ActorRef | Member):
        return "actor-reference"
    return "location" if isinstance(value, Location) else None


def _location(place: Subject, operator: str, value: Any) -> list[tuple[Subject, Constraints]]:
    if operator not in {"$eq", "$in"}:
        raise CompileError(f"a location is compared as a whole with ==, != and in_(), not {spoken(operator)}")
    possible = RULES["location"].properties
    found: list[tuple[Subject, Constraints]] = []
    for each in value if operator == "$in" else (value,):
        if not isinstance(each, Location):
            raise CompileError(f"{show(each)} is no location")
        parts = {name: part for name, part in attrs.asdict(each).items() if part is not None}
        if not parts or not possible.keys() >= parts.keys():
            raise CompileError(f"{show(each)} cannot be looked for", f"give some of {listing(possible)}")
        found.append((place, parts))
    return found


def _asked(place: Subject, name: str, operator: str, value: Any, known: CompileContext) -> Fragment:
    if operator == "$not_empty":
        asked: dict[str, Any] = {"$not_empty": True}
    elif operator == "$in":
        asked = {"$in": [coerced(each, operator, name, place, known) for each in value]}
    elif operator in RANGE:
        bounds = zip(RANGE[operator], value, strict=True)
        asked = {bound: coerced(each, bound, name, place, known) for bound, each in bounds}
    else:
        asked = {operator: coerced(value, operator, name, place, known)}
    return Fragment(place, {name: asked})
