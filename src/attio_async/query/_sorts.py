"""Sorts: an attribute, of the queried records or of records they refer to, and a direction."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import attrs

from ..errors import FilterError, UnknownName
from ._compile import known_from
from ._context import CompileContext, SchemaInfo, SchemaLookup
from ._fields import Field, steps_of
from ._operators import PARENT
from ._paths import Steps, checked_name, written
from ._resolve import CompileError, refusal, resolve

_STEPS_OF_STRINGS = 2


@attrs.frozen(repr=False)
class Sort:
    """One sort; made by `asc` and `desc`, and printed as the code that makes it."""

    direction: Literal["asc", "desc"]
    steps: Steps

    def __repr__(self) -> str:
        names = [repr(step) for step in self.steps if isinstance(step, str)]
        plain = len(names) == len(self.steps) <= _STEPS_OF_STRINGS and self.steps[0] != PARENT
        return f"{self.direction}({', '.join(names) if plain else written(self.steps)})"


def asc(attribute: str | Field, field: str | None = None) -> Sort:
    """Smallest, earliest or first in the alphabet first.

    Args:
        attribute: Slug, title or id of an attribute, or a field of `F`, also one behind references.
        field: The property to sort by, such as "last_name".

    Raises:
        FilterError: It does not name an attribute.
    """
    return Sort("asc", _steps(attribute, field))


def desc(attribute: str | Field, field: str | None = None) -> Sort:
    """Largest, latest or last in the alphabet first; otherwise as `asc`."""
    return Sort("desc", _steps(attribute, field))


def _steps(attribute: object, field: object) -> Steps:
    steps = (
        steps_of(attribute) if isinstance(attribute, Field) else (checked_name(attribute, "an attribute"),)
    )
    return steps if field is None else (*steps, checked_name(field, "a property"))


Sorts = Sort | Mapping[str, Any] | Iterable[Sort | Mapping[str, Any]] | None


def compile_sorts(
    sorts: Sorts,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
) -> list[dict[str, Any]]:
    """The sorts in Attio's own form, the first being the most important; empty for None.

    Args:
        sorts: What `asc` and `desc` make, or dicts, which are passed on as they are; one, or several in order.
        schema: The attributes of the object or list that is queried.
        source: Its slug or id, with which paths begin; the schema's name when left out.
        schemas: The schemas of other objects, for paths.

    Raises:
        FilterError: One cannot work. Where a name was not found, its cause is an UnknownName.
    """
    known = known_from(schema, source, schemas, None)
    return [_compiled(sort, known) for sort in each_sort(sorts)]


def each_sort(sorts: Sorts) -> list[Sort | Mapping[str, Any]]:
    """The sorts one by one, each certain to be one."""
    if sorts is None:
        return []
    if isinstance(sorts, Sort | Mapping | str | Field):
        return [_checked(cast("object", sorts))]
    return [_checked(sort) for sort in sorts]


def _checked(sort: object) -> Sort | Mapping[str, Any]:
    if isinstance(sort, Sort):
        return sort
    if isinstance(sort, Mapping):
        return cast("Mapping[str, Any]", sort)
    written_so = repr(sort) if isinstance(sort, str | Field) else "'created_at'"
    raise FilterError(f"{sort!r} is no sort; say in which direction: asc({written_so}) or desc({written_so})")


def _compiled(sort: Sort | Mapping[str, Any], known: CompileContext) -> dict[str, Any]:
    if not isinstance(sort, Sort):
        return dict(sort)
    if sort.steps == (PARENT,):
        raise FilterError(
            f"{sort!r}: entries cannot be sorted by all of a record; go on to one of its attributes"
        )
    try:
        place = resolve(sort.steps, known, sortable=True)
    except (CompileError, UnknownName) as error:
        raise refusal(repr(sort), error) from error
    where = {"path": [list(step) for step in place.path]} if place.path else {"attribute": place.slug}
    field = {} if place.property_name is None else {"field": place.property_name}
    return {"direction": sort.direction, **where, **field}
