"""Compile filters and sorts to the JSON that Attio documents, in one pass that asks for what it needs to know.

Filters and sorts: https://docs.attio.com/rest-api/how-to/filtering-and-sorting
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple, cast

import attrs
import msgspec

from .._utils.json import UnwritableJson, encode_json
from .._utils.public import public
from .._utils.text import show
from ..errors import FilterError, UnknownName
from ..values._spec import CoercionRules, EncodeError, listing
from ..values._types import ActorRef, Location, Member, Name, PersonName, RecordRef, Ref
from ._coerce import coercion
from ._filters import (
    Condition,
    Filter,
    Junction,
    Negation,
    Raw,
    SameValue,
    depth_of,
    not_a_filter,
    shortened,
    written,
)
from ._operators import COMPARISONS, ID_ATTRIBUTES, ORDER_OPERATORS, PARENT, RULES, operators_of
from ._references import Alternatives, compare_actors, compare_records
from ._requirements import Answer, Compilation, NeedSchema, Requirement, SchemaInfo, in_turn, run
from ._resolve import CompileContext, CompileError, Subject, filter_error, resolve
from ._sorts import Sort, Sorts, each_sort

_MAX_DEPTH = 100
_REFERENCE = "record-reference"

_PART_OF = {
    "record-reference": ".target_record_id",
    "actor-reference": ".referenced_actor_type",
    "location": ".locality",
}
"""For each type that can be compared as a whole, a part of it that can be compared in other ways."""

_WITH_SEVERAL = frozenset({"$in", "$between"})

_RANGE = {"$between": ("$gte", "$lt")}
"""`between` asks for at least the first value, and less than the second."""

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
"""Each way to compare in Python, and the operators that it takes."""


class CompiledQuery(NamedTuple):
    """A filter and sorts in Attio's own form.

    Attributes:
        body: The parts `filter` and `sorts` of a query's body, without those that are empty.
        source: The slug or id of the queried object or list, as far as it is known.
        resolved: Each condition of the filter, and the attribute and property that it is about.
    """

    body: dict[str, Any]
    source: str | None
    resolved: Sequence[tuple[Condition, Subject]]


def compile_query(
    filter: Filter | Mapping[str, Any] | None,
    sorts: Sorts = None,
    *,
    source: str | None = None,
    schema: SchemaInfo | None = None,
    assume_tz: tzinfo | None = None,
) -> Compilation[CompiledQuery]:
    """Compile a filter and sorts, yielding requirements and being sent the answers.

    With a schema, names may be slugs, titles or ids, and properties, operators and values are checked and encoded for
    the attribute's type. Without one, the shape of the expression decides: only what follows from it is checked, and
    the target of a reference has to be named with `via`. Dicts are passed on unchecked and have no requirements.

    Args:
        filter: An expression, or a dict in Attio's own form.
        sorts: What `asc` and `desc` make, or dicts in Attio's own form; one, or several in order.
        source: The slug or id of the queried object or list, with which paths begin; the schema's name by default.
        schema: Its attributes; a requirement if they are needed and not given.
        assume_tz: The time zone of moments that have none: UTC for texts and days, and none for datetimes by default.

    Raises:
        FilterError: The filter or a sort cannot work. The cause is an UnknownName if a name is unknown.
    """
    context = CompileContext.begin(schema, source, CoercionRules(assume_tz))
    body: dict[str, Any] = {}
    if filter is not None and (compiled := (yield from _filter_json(filter, context))):
        body["filter"] = compiled
    if sorts is not None and (ordered := (yield from _sorts_json(sorts, context))):
        body["sorts"] = ordered
    return CompiledQuery(body, context.source, context.resolved)


def compile_offline(
    filter: Filter | Mapping[str, Any] | None,
    sorts: Sorts,
    schema: SchemaInfo | None,
    source: str | None,
    answer: Answer | None,
    *,
    assume_tz: tzinfo | None = None,
) -> CompiledQuery:
    """Compile without I/O; without `answer` only the schema is known."""

    def from_schema(requirement: Requirement) -> SchemaInfo | None:
        # A path may come back to the object it started from.
        is_known = schema is not None and requirement == NeedSchema(source or schema.name)
        return schema if is_known else None

    compilation = compile_query(filter, sorts, source=source, schema=schema, assume_tz=assume_tz)
    return run(compilation, answer or from_schema)


@public
def compile_filter(
    filter: Filter | Mapping[str, Any] | None,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    answer: Answer | None = None,
    assume_tz: tzinfo | None = None,
) -> dict[str, Any]:
    """Compile a filter without I/O, and return it in Attio's own form; empty for None.

    Args:
        filter: An expression, or a dict in Attio's own form.
        schema: The attributes of the queried object or list.
        source: Its slug or id, with which paths begin; the schema's name by default.
        answer: Called with each requirement; by default only the schema is known.
        assume_tz: The time zone of moments that have none: UTC for texts and days, and none for datetimes by default.

    Raises:
        FilterError: It cannot work. The cause is an UnknownName if a name is unknown.
    """
    found: dict[str, Any] = compile_offline(
        filter, None, schema, source, answer, assume_tz=assume_tz
    ).body.get("filter", {})
    return found


@public
def compile_sorts(
    sorts: Sorts,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    answer: Answer | None = None,
) -> list[dict[str, Any]]:
    """Compile sorts without I/O, and return them in Attio's own form, the most important first.

    The arguments and errors are those of `compile_filter`.
    """
    found: list[dict[str, Any]] = compile_offline(None, sorts, schema, source, answer).body.get("sorts", [])
    return found


def _filter_json(filter: object, context: CompileContext) -> Compilation[dict[str, Any]]:
    if not isinstance(filter, Filter):
        if not isinstance(filter, Mapping):
            raise not_a_filter(filter)
        return _checked_json(cast("Mapping[str, Any]", filter))
    depth = depth_of(filter)
    if depth > _MAX_DEPTH:
        raise FilterError(
            f"{shortened(filter)} nests & | ~ {depth} levels deep, more than {_MAX_DEPTH}; "
            "join the conditions that belong together on one level"
        )
    return _to_json((yield from _compile(filter, context)))


def _checked_json(filter: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found: dict[str, Any] = msgspec.json.decode(encode_json(filter))
    except (UnwritableJson, UnicodeEncodeError) as error:
        raise FilterError(f"the filter cannot be sent: {error}") from None
    return found


def _sorts_json(sorts: Sorts, context: CompileContext) -> Compilation[list[dict[str, Any]]]:
    return in_turn(_sort(sort, context) for sort in each_sort(sorts))


def _sort(sort: Sort | Mapping[str, Any], context: CompileContext) -> Compilation[dict[str, Any]]:
    if not isinstance(sort, Sort):
        return dict(sort)
    if sort.steps == (PARENT,):
        raise FilterError(f"{sort!r}: entries cannot be sorted by a whole record; name one of its attributes")
    try:
        subject = yield from resolve(sort.steps, context, sortable=True)
    except (CompileError, UnknownName) as error:
        raise filter_error(repr(sort), error) from error
    field = {} if subject.property_name is None else {"field": subject.property_name}
    return {"direction": sort.direction, **_place(subject), **field}


Constraints = dict[str, Any]
"""Each property, "" for the attribute itself, to operators and their values, or to a value for equality."""


class Fragment(NamedTuple):
    """Conditions on one attribute that can be asked in one object."""

    subject: Subject
    constraints: Constraints

    @property
    def can_share(self) -> bool:
        """True if another condition on the attribute may be added to the object."""
        if self.subject.is_single:
            return True
        # Of unknown attributes, only those that hold one value can be ordered, apart from the time of a choice.
        return (
            self.subject.type is None
            and not self.subject.path
            and "active_from" not in self.constraints
            and all(
                isinstance(asked, dict) and asked.keys() <= ORDER_OPERATORS
                for asked in self.constraints.values()
            )
        )


Compiled = Fragment | dict[str, Any]


def _compile(filter: Filter, context: CompileContext) -> Compilation[Compiled]:
    if isinstance(filter, Condition):
        try:
            return (yield from _condition(filter, context))
        except (CompileError, EncodeError, UnknownName) as error:
            raise filter_error(shortened(filter), error) from error
    if isinstance(filter, Junction):
        parts = yield from in_turn(_compile(part, context) for part in filter.parts)
        return _all_of(parts) if filter.operator == "$and" else _any_of(parts)
    if isinstance(filter, Negation):
        return {"$not": _to_json((yield from _compile(filter.part, context)))}
    if isinstance(filter, SameValue):
        return (yield from _same_value(filter, context))
    return cast("dict[str, Any]", json.loads(cast("Raw", filter).text))


def _same_value(filter: SameValue, context: CompileContext) -> Compilation[Fragment]:
    result: Fragment | None = None
    for part in filter.parts:
        found = yield from _compile(part, context)
        if not isinstance(found, Fragment):
            raise FilterError(f"{shortened(part)} asks for any of several things, which one value cannot be")
        if result is not None and _place(result.subject) != _place(found.subject):
            raise FilterError(
                f"{shortened(filter)}: {result.subject.described} and {found.subject.described} are different "
                "attributes, and a value belongs to a single attribute"
            )
        result = found if result is None else _merged(result, found)
        if result is None:
            raise FilterError(f"{shortened(filter)} asks for one thing twice")
    return cast("Fragment", result)


def _condition(condition: Condition, context: CompileContext) -> Compilation[Compiled]:
    subject = yield from resolve(condition.steps, context)
    context.resolved.append((condition, subject))
    operator = condition.operator
    values: tuple[Any, ...] = condition.value if operator in _WITH_SEVERAL else (condition.value,)
    if operator == "$not_empty" or (operator == "$eq" and condition.value is None):
        yield from _check_presence(condition, subject, context)
    if subject.property_name is None:
        type = _type_of_whole(subject, values[0])
        if type is not None:
            _check_whole(operator, type, subject)
            found = yield from _COMPARE_WHOLE[type](subject, values, context)
            return _any_of([Fragment(*part) for part in found])
    name = subject.property_name or _default_property(subject, operator, values[0])
    allowed = _check_operator(operator, name, subject)
    if operator == "$not_empty":
        return Fragment(subject, {name: {"$not_empty": True}})
    coerce = yield from coercion(operator, name, subject, values, context)
    coerced = list(map(coerce, values))
    if operator == "$in":
        if operator in allowed:
            return Fragment(subject, {name: {"$in": coerced}})
        return _any_of([Fragment(subject, {name: {"$eq": value}}) for value in coerced])
    if operator in _RANGE:
        return Fragment(subject, {name: dict(zip(_RANGE[operator], coerced, strict=True))})
    return Fragment(subject, {name: {operator: coerced[0]}})


def _type_of_whole(subject: Subject, value: Any) -> str | None:
    """Return the type of the attribute if such a value is compared with all of its parts."""
    type = subject.type if subject.rules is not None else _type_of(value)
    return type if type in _COMPARE_WHOLE and (type != "location" or isinstance(value, Location)) else None


def _type_of(value: Any) -> str | None:
    """Return the only type of attribute that such a value can be compared with."""
    if isinstance(value, RecordRef | Ref):
        return "record-reference"
    if isinstance(value, ActorRef | Member):
        return "actor-reference"
    return "location" if isinstance(value, Location) else None


def _check_whole(operator: str, type: str, subject: Subject) -> None:
    if operator not in {"$eq", "$in"}:
        raise CompileError(
            f"{subject.slug} is compared as a whole with ==, != and in_(), not with {_in_python(operator)}",
            f"compare a part of it, such as {_PART_OF[type]}",
        )


def _locations(subject: Subject, values: Sequence[Any], context: CompileContext) -> Compilation[Alternatives]:
    known = RULES["location"].properties
    found: Alternatives = []
    for value in values:
        if not isinstance(value, Location):
            raise CompileError(f"{show(value)} is not a Location")
        parts = {name: part for name, part in attrs.asdict(value).items() if part is not None}
        if not parts or not known.keys() >= parts.keys():
            raise CompileError(f"{show(value)} cannot be looked for", f"give some of {listing(known)}")
        for name, part in parts.items():
            coerce = yield from coercion("$eq", name, subject, (part,), context)
            parts[name] = coerce(part)
        found.append((subject, parts))
    return found


_COMPARE_WHOLE: Mapping[
    str, Callable[[Subject, Sequence[Any], CompileContext], Compilation[Alternatives]]
] = {"record-reference": compare_records, "actor-reference": compare_actors, "location": _locations}


def _default_property(subject: Subject, operator: str, value: Any) -> str:
    """Return the property that a comparison without one means; "" leaves it to the API."""
    rules = subject.rules
    if rules is None:
        return "full_name" if isinstance(value, Name | PersonName) else ""
    if subject.slug in ID_ATTRIBUTES and not subject.path:
        return ""
    if operator == "$not_empty" and rules.presence is not None:
        return rules.presence
    if rules.default is None:
        raise CompileError(
            f"{subject.slug} is of type {subject.type} and has several parts",
            f"name one: {listing(rules.properties)}",
        )
    return rules.default


def _check_operator(operator: str, name: str, subject: Subject) -> frozenset[str]:
    """Return the operators of a property; none if they are unknown.

    Raises:
        CompileError: The guides do not document the operator, and it cannot be expressed with others.
    """
    rules = subject.rules
    properties = rules.properties if rules is not None else operators_of(subject.type)
    allowed = (
        properties.get(name or (rules.default if rules is not None else "") or "") if properties else None
    )
    if allowed is None or operator in allowed or (operator == "$in" and "$eq" in allowed):
        return allowed or frozenset()
    needed = _RANGE.get(operator, (operator,))
    if allowed.issuperset(needed):
        return allowed
    others = [other for other, known in rules.properties.items() if known.issuperset(needed)] if rules else []
    python = _in_python(operator)
    raise CompileError(
        f"Attio documents no {python} for {name or 'the value'} of {subject.described}",
        f"use {', '.join(way for way, ops in _PYTHON.items() if allowed.issuperset(ops))}"
        + (f"; {python} works on {listing(others)}" if others else "")
        + "; Filter.raw({...}) is sent unchecked",
    )


def _check_presence(condition: Condition, subject: Subject, context: CompileContext) -> Compilation[None]:
    """Check that Attio can be asked whether there is a value, and that it is asked in a way that says so.

    Raises:
        CompileError: It cannot, or the comparison is with None; it says what to ask instead.
    """
    name, rules = written(condition.steps), subject.rules
    is_known = subject.property_name is None and rules is not None and rules.presence is None
    if is_known and not (subject.slug in ID_ATTRIBUTES and not subject.path):
        targets = (
            (yield from context.targets(subject.slug, subject.attribute))
            if subject.type == _REFERENCE
            else ()
        )
        raise CompileError(
            f"Attio documents no not_empty() and no is_empty() for {subject.described}",
            _any_value(name, subject, targets),
        )
    if condition.value is None and condition.operator == "$eq":
        _check_operator(
            "$not_empty", subject.property_name or _default_property(subject, "$not_empty", None), subject
        )
        raise CompileError("None cannot be compared with", f"use {name}.is_empty() or {name}.not_empty()")


def _any_value(name: str, subject: Subject, targets: Sequence[str]) -> str:
    """Return how to ask for records that have a value where Attio does not say."""
    question = {
        "select": f"{name}.in_(...) with all titles",
        "status": f"{name}.in_(...) with all titles",
        "number": f"({name} >= 0) | ({name} < 0)",
        "currency": f"({name} >= 0) | ({name} < 0)",
        "rating": f"({name} >= 0) | ({name} < 0)",
        "date": f"{name} >= '0001-01-01'",
        "timestamp": f"{name} >= '0001-01-01'",
        "checkbox": f"{name}.in_(True, False)",
        "email-address": f"{name}.contains('@')",
        "phone-number": f"{name}.country_code.not_empty()",
        "actor-reference": f"{name}.referenced_actor_type == 'workspace-member'",
        _REFERENCE: f"{name}.target_object.in_({listing(targets)})" if targets else None,
    }.get(subject.type or "")
    if question is None:
        return "read the records and look at their values"
    return f"use {question} for records that have one, and ~ before it for those without"


def _in_python(operator: str) -> str:
    if operator in COMPARISONS:
        return COMPARISONS[operator]
    return "in_()" if operator == "$in" else f"{operator.removeprefix('$')}()"


def _to_json(compiled: Compiled) -> dict[str, Any]:
    """Return the JSON of a fragment; JSON is returned as it is.

    Raises:
        FilterError: It compares the id of an actor without the type, which the API requires.
    """
    if isinstance(compiled, dict):
        return compiled
    subject, constraints = compiled
    if "referenced_actor_id" in constraints and "referenced_actor_type" not in constraints:
        raise FilterError(
            f"{subject.described}: an actor is found by type and id together; compare the attribute itself with "
            "ActorRef('workspace-member', id)"
        )
    asked = constraints.get("", constraints)
    return {**_place(subject), "constraints": asked} if subject.path else {subject.slug: asked}


def _place(subject: Subject) -> dict[str, Any]:
    if subject.path:
        return {"path": [list(step) for step in subject.path]}
    return {"attribute": subject.slug}


def _any_of(parts: Sequence[Compiled]) -> Compiled:
    return parts[0] if len(parts) == 1 else {"$or": [_to_json(part) for part in parts]}


def _all_of(parts: Sequence[Compiled]) -> Compiled:
    """Join the parts, those on the same attribute in one object if that means the same."""
    result: list[Compiled] = []
    position: dict[str, int] = {}
    for part in parts:
        both = None
        if isinstance(part, Fragment) and part.can_share:
            at = position.setdefault(part.subject.slug, len(result))
            both = _merged(cast("Fragment", result[at]), part) if at < len(result) else None
        if both is None:
            result.append(part)
        else:
            result[position[both.subject.slug]] = both
    return result[0] if len(result) == 1 else {"$and": [_to_json(part) for part in result]}


def _merged(first: Fragment, second: Fragment) -> Fragment | None:
    """Merge two fragments; None if both constrain a property the same way, or only one of them names a property."""
    result: Constraints = dict(first.constraints)
    for name, asked in second.constraints.items():
        before = result.get(name)
        if before is None and ("" in result) == (name == ""):
            result[name] = asked
        elif isinstance(before, dict) and isinstance(asked, dict) and not before.keys() & asked.keys():
            result[name] = {**before, **asked}
        else:
            return None
    return Fragment(first.subject, result)
