"""What a filter becomes, told to people."""

import json
from collections.abc import Mapping
from typing import Any

from ._compile import compile_filter, known_from
from ._context import (
    CompileContext,
    Members,
    SchemaInfo,
    SchemaLookup,
)
from ._filters import (
    Condition,
    Filter,
    conditions,
    shortened,
)
from ._resolve import resolve


def explain(
    filter: Filter | Mapping[str, Any] | None,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    schemas: SchemaLookup | None = None,
    members: Members | None = None,
) -> str:
    """The JSON that a filter becomes and, for each condition, the attribute and type that it was resolved to.

    The arguments are those of `compile_filter`.

    Raises:
        FilterError: It cannot work.
    """
    compiled = compile_filter(filter, schema, source=source, schemas=schemas, members=members)
    known = known_from(schema, source, schemas, members)
    found = conditions(filter) if isinstance(filter, Filter) else ()
    told = [_told(condition, known) for condition in found]
    return "\n".join([json.dumps(compiled, indent=2, ensure_ascii=False), *([""] if told else []), *told])


def _told(condition: Condition, known: CompileContext) -> str:
    place = resolve(condition.steps, known)
    where = " -> ".join(f"{owner}.{slug}" for owner, slug in place.path)
    if not where:
        where = f"{known.source}.{place.slug}" if known.source else place.slug
    kind = f"type {place.type}" if place.type else "type not known, since there is no schema"
    name = place.property_name or (place.rules.default if place.rules is not None else None)
    return f"{shortened(condition)}\n  {where}, {kind}{f', property {name}' if name else ''}"
