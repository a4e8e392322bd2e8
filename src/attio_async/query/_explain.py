"""Explain to people what a filter compiles to."""

import json
from collections.abc import Mapping
from typing import Any

from .._utils.public import public
from ._compile import CompiledQuery, compile_offline
from ._filters import Condition, Filter, shortened
from ._requirements import Answer, SchemaInfo
from ._resolve import Subject


@public
def explain(
    filter: Filter | Mapping[str, Any] | None,
    schema: SchemaInfo | None = None,
    *,
    source: str | None = None,
    answer: Answer | None = None,
) -> str:
    """Compile a filter without I/O, and explain the result.

    The arguments and errors are those of `compile_filter`.
    """
    return explanation(compile_offline(filter, None, schema, source, answer))


def explanation(compiled: CompiledQuery) -> str:
    """Return the JSON of a filter and, for each condition, the attribute and type that it was resolved to."""
    text = json.dumps(compiled.body.get("filter", {}), indent=2, ensure_ascii=False)
    explained = [_explained(*found, compiled.source) for found in compiled.resolved]
    return "\n".join([text, "", *explained]) if explained else text


def _explained(condition: Condition, subject: Subject, source: str | None) -> str:
    where = " -> ".join(f"{owner}.{slug}" for owner, slug in subject.path)
    if not where:
        where = f"{source}.{subject.slug}" if source else subject.slug
    type = f"type {subject.type}" if subject.type else "type unknown without a schema"
    name = subject.property_name or (subject.rules.default if subject.rules is not None else None)
    return f"{shortened(condition)}\n  {where}, {type}{f', property {name}' if name else ''}"
