"""Compile filters and sorts for the API, reading what their names mean from the workspace."""

from collections.abc import Mapping
from typing import Any

from attio_async_api.models.attribute_target import AttributeTarget

from ..errors import FilterError
from ..query import (
    CompiledQuery,
    Filter,
    NeedMembers,
    NeedOptions,
    NeedParents,
    NeedSchema,
    NeedSlugs,
    Requirement,
    Sorts,
    compile_query,
    explanation,
)
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
) -> CompiledQuery:
    """Compile the filter and sorts of a query. Dicts are sent as they are and need no schema.

    Raises:
        FilterError: They cannot work. Nothing was sent.
    """
    while True:
        answer: object = None
        compilation = compile_query(filter, sorts, source=name, schema=schemas.peek(name, target=target))
        try:
            while True:
                answer = await _answer(schemas, compilation.send(answer), name, target)
        except StopIteration as done:
            result: CompiledQuery = done.value
            return result
        except FilterError:
            if not schemas.refresh(name, target=target):
                raise  # else what was not found may be new


async def explained(
    schemas: SchemaCache, name: str, filter: AnyFilter, *, target: AttributeTarget = "objects"
) -> str:
    """Return what a filter of records or entries compiles to, for people to read.

    Raises:
        FilterError: It cannot work.
    """
    return explanation(await compiled(schemas, name, filter, target=target))


async def _answer(
    schemas: SchemaCache, requirement: Requirement, name: str, target: AttributeTarget
) -> object:
    match requirement:
        case NeedSlugs(objects):
            slugs = await schemas.titles()
            return tuple(slugs.get(object.casefold(), object) for object in objects)
        case NeedParents():
            return await schemas.parents(name) if target == "lists" else ()
        case NeedMembers():
            return await schemas.members()
        case NeedSchema(object) | NeedOptions(object):
            if object is not None:
                name, target = object, "objects"
    if isinstance(requirement, NeedOptions):
        return await schemas.option_titles(name, requirement.slug, target=target)
    return await schemas.for_reading(name, target=target)
