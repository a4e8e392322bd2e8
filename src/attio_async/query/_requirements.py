"""What a filter or sort would have to know, so that it can be fetched before compiling."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import attrs

from ..errors import UnknownName
from ..values._spec import AttributeSpec
from ..values._types import Member, Ref, is_uuid
from ._compile import known_from
from ._context import (
    CompileContext,
    Members,
    SchemaInfo,
    SchemaLookup,
)
from ._filters import Condition, Filter, conditions
from ._paths import Steps, Via
from ._resolve import CompileError, resolve
from ._sorts import Sort, Sorts, each_sort

_CHOICES = frozenset({"select", "status"})


def options_compared(
    filter: Filter | Mapping[str, Any] | None,
    *,
    schema: SchemaInfo | None = None,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
) -> set[tuple[str | None, str]]:
    """The select and status attributes that are compared with a title, while their options are not known.

    Each is an object, None for what is queried itself, and a slug. As far as it can be told by now.
    """
    if not isinstance(filter, Filter):
        return set()
    known = known_from(schema, source, schemas, None)
    found: set[tuple[str | None, str]] = set()
    for condition in conditions(filter):
        try:
            place = resolve(condition.steps, known)
        except (CompileError, UnknownName):
            continue
        attribute = place.attribute
        if attribute is None or attribute.type not in _CHOICES or attribute.option_titles is not None:
            continue
        if _compares_a_title(condition):
            found.add((place.path[-1][0] if place.path else None, place.slug))
    return found


def _compares_a_title(condition: Condition) -> bool:
    values = condition.value if condition.operator == "$in" else (condition.value,)
    return any(isinstance(value, str) and not is_uuid(value) for value in values)


@attrs.frozen
class Needs:
    """What is missing; false when it is nothing.

    Attributes:
        schema: Whether the schema of what is queried is missing.
        objects: The objects (slugs or ids) whose schemas a path needs and that are not at hand.
        members: Whether a member is given by e-mail address or name and the members are not at hand.
    """

    schema: bool = False
    objects: frozenset[str] = frozenset()
    members: bool = False

    def __bool__(self) -> bool:
        return self.schema or self.members or bool(self.objects)


def needs(
    filter: Filter | Mapping[str, Any] | None,
    sorts: Sorts = None,
    *,
    schema: SchemaInfo | None = None,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
    members: Members | None = None,
) -> Needs:
    """What to fetch before compiling, as far as it can be told by now.

    A path over several references may need one object after the other, so fetch and ask again, until the answer
    is empty or stays the same, as it does for an object whose schema cannot be had. Dicts need nothing. Whatever
    is wrong with the filter is left to compiling.
    """
    known = known_from(schema, source, schemas, members)
    asked = _MissingSchemas(known)
    watched = attrs.evolve(known, schemas=asked)
    found = list(conditions(filter)) if isinstance(filter, Filter) else []
    ordered = [sort.steps for sort in each_sort(sorts) if isinstance(sort, Sort)]
    for steps in [*(condition.steps for condition in found), *ordered]:
        _walk(steps, watched)
    for value in (value for condition in found for value in _values(condition)):
        if isinstance(value, Ref) and value.attribute is not None:
            watched.schema_for(value.object)
    return Needs(
        schema=schema is None and bool(found or ordered),
        objects=frozenset(asked.missing),
        members=members is None and any(_needs_members(condition, known) for condition in found),
    )


@attrs.define
class _MissingSchemas:
    """What is known of other objects, noting which of them was asked for in vain."""

    known: CompileContext
    missing: set[str] = attrs.field(factory=set[str])

    def schema_for(self, object: str, /) -> SchemaInfo | None:
        found = self.known.schema_for(object)
        if found is None:
            self.missing.add(object)
        return found

    def targets(self, attribute: AttributeSpec, /) -> Sequence[str]:
        return self.known.targets(attribute)

    def parents(self, _list: str, /) -> Sequence[str]:
        return self.known.parents()


def _walk(steps: Steps, known: CompileContext) -> None:
    """Ask for the schemas of all objects on the way."""
    for step in steps:
        if isinstance(step, Via):
            known.schema_for(step.object)
    with suppress(CompileError, UnknownName):
        resolve(steps, known, sortable=True)


def _values(condition: Condition) -> tuple[Any, ...]:
    return condition.value if condition.operator == "$in" else (condition.value,)


def _needs_members(condition: Condition, known: CompileContext) -> bool:
    try:
        place = resolve(condition.steps, known)
    except (CompileError, UnknownName):
        return False
    is_member = place.property_name == "owner_member_id" or (
        place.type == "actor-reference" and place.property_name is None
    )
    return any(
        not is_uuid(str(value))
        for value in _values(condition)
        if isinstance(value, Member) or (is_member and isinstance(value, str))
    )
