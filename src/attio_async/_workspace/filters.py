"""Compile filters and sorts, and answer the requirements of that from the workspace."""

from collections.abc import Mapping
from typing import Any

from attio_async_api.models.attribute_target import AttributeTarget

from ..errors import FilterError
from ..query import Filter, NeedMembers, NeedOptions, NeedParents, NeedSchema, NeedSlugs, Requirement, Sorts
from ..query._compile import CompiledQuery, compile_query
from ..query._explain import explanation
from .schema_cache import SchemaCache, slug_among

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
    """Compile the filter and sorts of a query. Dicts are passed on unchecked, and wait for no schema.

    Raises:
        FilterError: The filter or a sort cannot work. No query was sent.
    """
    while True:
        answer: object = None
        compilation = compile_query(
            filter,
            sorts,
            source=name,
            schema=schemas.peek(name, target=target),
            assume_tz=schemas.write_options.assume_tz,
        )
        try:
            while True:
                answer = await _answer(schemas, compilation.send(answer), name, target)
        except StopIteration as done:
            result: CompiledQuery = done.value
            return result
        except FilterError:
            if not schemas.refresh(name, target=target):
                raise  # else the unknown name may be new


async def explained(
    schemas: SchemaCache, name: str, filter: AnyFilter, *, target: AttributeTarget = "objects"
) -> str:
    """Return the JSON of a filter and what its names were resolved to, for people to read.

    Raises:
        FilterError: The filter cannot work. No query was sent.
    """
    return explanation(await compiled(schemas, name, filter, target=target))


async def _answer(
    schemas: SchemaCache, requirement: Requirement, name: str, target: AttributeTarget
) -> object:
    match requirement:
        case NeedSlugs(objects):
            slugs = await schemas.titles()
            return tuple(slug_among(slugs, object) for object in objects)
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
