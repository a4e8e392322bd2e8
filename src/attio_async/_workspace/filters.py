"""From filters and sorts as they are written to requests: fetch what their names mean, then compile."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from attio_async_api.models.attribute_target import AttributeTarget

from .._schema import ObjectSchema
from ..errors import FilterError
from ..query import (
    Filter,
    Needs,
    Sorts,
    compile_filter,
    compile_sorts,
    explain,
    needs,
)
from ..query._requirements import options_compared
from ..values import AttributeSpec
from .schema_cache import SchemaCache

AnyFilter = Filter | Mapping[str, Any]
"""An expression of `F`, or a dict in Attio's own form."""


async def compiled(
    schemas: SchemaCache,
    name: str,
    filter: AnyFilter | None,
    sorts: Sorts = None,
    *,
    target: AttributeTarget = "objects",
) -> dict[str, Any]:
    """The parts `filter` and `sorts` of a query's body. Dicts are sent as they are and need no schema.

    Raises:
        FilterError: They cannot work. Nothing was sent.
    """
    try:
        return await _compiled(schemas, name, filter, sorts, target)
    except FilterError:
        if not schemas.refresh(name, target=target):
            raise  # else what was not found may be new
        return await _compiled(schemas, name, filter, sorts, target)


async def explained(
    schemas: SchemaCache, name: str, filter: AnyFilter, *, target: AttributeTarget = "objects"
) -> str:
    """What a filter of records becomes, told to people.

    Raises:
        FilterError: It cannot work.
    """
    await compiled(schemas, name, filter, target=target)  # reads what may be new
    known = await _known(schemas, name, filter, None, target)
    return explain(filter, known.schema, source=name, schemas=known, members=known.members)


async def _compiled(
    schemas: SchemaCache, name: str, filter: AnyFilter | None, sorts: Sorts, target: AttributeTarget
) -> dict[str, Any]:
    known = await _known(schemas, name, filter, sorts, target)
    parts = {
        "filter": compile_filter(filter, known.schema, source=name, schemas=known, members=known.members),
        "sorts": compile_sorts(sorts, known.schema, source=name, schemas=known),
    }
    return {part: value for part, value in parts.items() if value}


@attrs.define
class _Known:
    """What has been fetched for one filter so far; see `SchemaLookup`."""

    schema: ObjectSchema | None = None
    others: dict[str, ObjectSchema] = attrs.field(factory=dict[str, ObjectSchema])
    titles: Mapping[str, str] = attrs.field(factory=dict[str, str])
    parent_objects: dict[str, Sequence[str]] = attrs.field(factory=dict[str, Sequence[str]])
    members: Mapping[str, list[str]] | None = None

    def schema_for(self, object: str, /) -> ObjectSchema | None:
        return self.others.get(self.slug(object))

    def targets(self, attribute: AttributeSpec, /) -> Sequence[str]:
        return [self.slug(object) for object in attribute.target_objects or ()]

    def parents(self, list: str, /) -> Sequence[str]:
        return self.parent_objects.get(list, ())

    def slug(self, object: str) -> str:
        """The slug of an object that is named by slug, id or noun."""
        return self.titles.get(object.casefold(), object)


async def _known(
    schemas: SchemaCache, name: str, filter: AnyFilter | None, sorts: Sorts, target: AttributeTarget
) -> _Known:
    """All that the filter and sorts need, fetched until nothing more is missing or to be had."""
    known, before = _Known(), None
    while True:
        missing = needs(filter, sorts, schema=known.schema, source=name, schemas=known, members=known.members)
        if not missing or missing == before:
            break
        before = missing
        await _fetch(schemas, known, missing, name, target)
    await _fetch_options(schemas, known, filter, name, target)
    return known


async def _fetch(
    schemas: SchemaCache, known: _Known, missing: Needs, name: str, target: AttributeTarget
) -> None:
    if missing.schema:
        known.schema = await schemas.for_reading(name, target=target)
        known.titles = await schemas.titles()
        if target == "lists":
            known.parent_objects[name] = await schemas.parents(name)
    for object in missing.objects:
        slug = known.slug(object)
        schema = await schemas.for_reading(slug)
        if schema is not None:
            known.others[slug] = schema
    if missing.members:
        known.members = await schemas.members()


async def _fetch_options(
    schemas: SchemaCache, known: _Known, filter: AnyFilter | None, name: str, target: AttributeTarget
) -> None:
    compared = options_compared(filter, schema=known.schema, source=name, schemas=known)
    for object, slug in compared:
        if object is None and known.schema is not None:
            known.schema = await schemas.with_options(known.schema, [slug], target=target)
        elif object is not None and known.slug(object) in known.others:
            other = known.slug(object)
            known.others[other] = await schemas.with_options(known.others[other], [slug])
