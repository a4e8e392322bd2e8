"""Lay schemas out as a flat table of fields, so that two of them can be compared in plain words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from codegen.facts import KNOWN, Json, locate

RULES = (
    *(
        "format",
        "pattern",
        "default",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    ),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "deprecated", "readOnly", "writeOnly"),
)
NULL: Json = {"type": "null"}


@dataclass
class ShapeField:
    """The values that one place allows: the union of all its alternatives."""

    required: bool
    kinds: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    """The members of its enum, as JSON."""
    rules: set[str] = field(default_factory=set)

    def told(self) -> str:
        """Return the field in a few words."""
        kinds = " or ".join(sorted(self.kinds)) or "anything"
        return f"{kinds}, {'required' if self.required else 'optional'}"

    def joined(self, other: "ShapeField", *, required: bool) -> "ShapeField":
        """Return the field that allows the values of either."""
        return ShapeField(
            required, self.kinds | other.kinds, self.words | other.words, self.rules | other.rules
        )


Fields = dict[str, ShapeField]


def fields_of(document: Json, schema: Json, path: str = "") -> Fields:
    """Return every field of a schema by its path: `.name` into a property, `[]` into items, `{}` into any other property."""
    return walk(document, schema, path, True, ())


def walk(document: Json, schema: Json, path: str, required: bool, trail: tuple[str, ...]) -> Fields:  # noqa: FBT001 - as in a schema
    """See `fields_of`; `trail` holds the components on the way, for some contain themselves."""
    if isinstance(reference := schema.get("$ref"), str):
        if reference in trail:
            return {path: ShapeField(required, {reference.rsplit("/", 1)[1]})}
        holder, key = locate(document, reference.removeprefix("#"))
        return walk(document, holder[key], path, required, (*trail, reference))
    kinds: Any = schema.get("type", [])
    own = ShapeField(
        required,
        set(kinds if isinstance(kinds, list) else [kinds]),
        {json.dumps(word) for word in (*schema.get("enum", ()), *schema.get(KNOWN, ()))},
        {f"{rule} {json.dumps(schema[rule])}" for rule in RULES if rule in schema},
    )
    result: Fields = {path: own}
    needed = schema.get("required", ())
    for name, child in schema.get("properties", {}).items():
        result |= walk(document, child, f"{path}.{name}", name in needed, trail)
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        child = schema.get(key)
        if isinstance(child, dict):
            result |= walk(document, child, path + mark, True, trail)
        elif isinstance(child, bool):
            own.rules.add(f"{key} {json.dumps(child)}")
    for members, every in unions(schema):
        told = [walk(document, member, path, required, trail) for member in members]
        result = merged([result, *(united(told, every=every) if told else [])], every=True)
    return result


def unions(schema: Json) -> Iterator[tuple[list[Json], bool]]:
    """Yield the alternatives of a schema, or its parts, with whether all of them hold."""
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            yield schema[key], key == "allOf"


def united(tables: list[Fields], *, every: bool) -> list[Fields]:
    """Return the alternatives as one table; null has no fields, and that makes none of the others' optional."""
    empty = [table for table in tables if all(one.kinds == {"null"} for one in table.values())]
    full = [table for table in tables if table not in empty]
    return [merged([merged(full, every=every), *empty], every=True)]


def merged(tables: list[Fields], *, every: bool) -> Fields:
    """Several tables as one; a field that not every alternative requires is optional."""
    result: Fields = {}
    for path in dict.fromkeys(path for table in tables for path in table):
        holding = [table[path] for table in tables if path in table]
        if every:
            required = any(one.required for one in holding)
        else:
            required = len(holding) == len(tables) and all(one.required for one in holding)
        total = ShapeField(required)
        for one in holding:
            total = total.joined(one, required=required)
        result[path] = total
    return result
