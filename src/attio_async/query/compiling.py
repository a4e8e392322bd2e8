"""From filters to the JSON that Attio documents."""

import json
from collections.abc import Mapping
from typing import Any, cast

import attrs

from attio_async.errors import FilterError, UnknownName
from attio_async.values.fitting import Misfit, listing, show
from attio_async.values.types import ActorRef, Location, Member, RecordRef, Ref

from .checking import RANGE, checked, default_property, spoken
from .coercing import coerced
from .filters import Condition, Filter, Junction, Negation, Raw, SameValue, depth_of, no_filter, shortened
from .fragments import Compiled, Constraints, Fragment, all_of, any_of, merged, to_json
from .operators import RULES
from .references import actor, reference
from .resolving import Place, Refused, refusal, resolve
from .schemas import Known, Members, SchemaInfo, SchemaLookup

__all__ = ["compile_filter", "known_from"]

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
) -> Known:
    """What is known, with the schema's name for the source when nothing else is said."""
    return Known(schema.name if source is None and schema is not None else source, schema, schemas, members)


def _compiled(filter: Filter, known: Known) -> Compiled:
    if isinstance(filter, Condition):
        try:
            return _condition(filter, known)
        except (Refused, Misfit, UnknownName) as error:
            raise refusal(shortened(filter), error) from error
    if isinstance(filter, Junction):
        join = all_of if filter.operator == "$and" else any_of
        return join([_compiled(part, known) for part in filter.parts])
    if isinstance(filter, Negation):
        return {"$not": to_json(_compiled(filter.part, known))}
    if isinstance(filter, SameValue):
        return _same_value(filter, known)
    return cast("dict[str, Any]", json.loads(cast("Raw", filter).text))


def _same_value(filter: SameValue, known: Known) -> Fragment:
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


def _is_same(one: Place, other: Place) -> bool:
    return one.slug == other.slug and one.path == other.path


def _condition(condition: Condition, known: Known) -> Compiled:
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
    place: Place, operator: str, value: Any, known: Known
) -> list[tuple[Place, Constraints]] | None:
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


def _location(place: Place, operator: str, value: Any) -> list[tuple[Place, Constraints]]:
    if operator not in {"$eq", "$in"}:
        raise Refused(f"a location is compared as a whole with ==, != and in_(), not {spoken(operator)}")
    possible = RULES["location"].properties
    found: list[tuple[Place, Constraints]] = []
    for each in value if operator == "$in" else (value,):
        if not isinstance(each, Location):
            raise Refused(f"{show(each)} is no location")
        parts = {name: part for name, part in attrs.asdict(each).items() if part is not None}
        if not parts or not possible.keys() >= parts.keys():
            raise Refused(f"{show(each)} cannot be looked for", f"give some of {listing(possible)}")
        found.append((place, parts))
    return found


def _asked(place: Place, name: str, operator: str, value: Any, known: Known) -> Fragment:
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
