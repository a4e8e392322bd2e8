"""Give inline objects a name: every object schema worth a name becomes a component.

A place is written as the operation id, a colon, then the way down: `body` or a status, `.name` into a property, `[]`
into items, `{}` into additional properties, `|0` into the first alternative: `create_file:body|0`. Once something has
a name, places in it start with that: `Note.tags[]|0`. The `[schemas]` table of names.toml names places; other objects
are called after their parent and the property that holds them. Two things of the same shape share a name, though never
one that is sent with one that is received.
"""

import json
from itertools import count
from typing import Any

from codegen.clean_schema import REFERENCE
from codegen.facts import Json, pascal

UNIONS = ("anyOf", "oneOf", "allOf")


def singular(name: str) -> str:
    """Call one of what a list holds: `linked_records` -> `linked_record`, `entries` -> `entry`."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def is_object(schema: Json) -> bool:
    """Return True if the schema describes an object with known properties."""
    return bool(schema.get("properties")) and schema.get("type") == "object"


def without_null(schema: Json) -> Json:
    """Return the schema of the same thing when it is not null."""
    kinds = [kind for kind in schema["type"] if kind != "null"]
    plain = {**schema, "type": kinds[0] if len(kinds) == 1 else kinds}
    if "enum" in schema:
        plain["enum"] = [value for value in schema["enum"] if value is not None]
    return plain


class Namer:
    """Moves inline objects into `components`, one for each shape and direction."""

    def __init__(self, names: dict[str, str]) -> None:
        """Start without components; `names` are the places named by hand."""
        self.names = names
        self.used: set[str] = set()
        self.problems: list[str] = []
        self.components: Json = {}
        self._by_shape: dict[tuple[str, str], str] = {}

    def component(self, name: str, schema: Json) -> None:
        """Take over a schema that has a name already."""
        self._add(self._free(name, name), schema, "answer")

    def name(self, schema: Json, place: str, fallback: str, direction: str) -> Json:
        """Return the schema with everything nameable in it, itself included, replaced by references."""
        wanted = self.names.get(place)
        self.used.add(place)
        nullable = isinstance(schema.get("type"), list) and "null" in schema["type"]
        thing = without_null(schema) if nullable else schema
        shape = direction, json.dumps(thing, sort_keys=True)
        if not (is_object(thing) or wanted or shape in self._by_shape):
            self._inside(schema, place, fallback, direction)
            return schema
        if shape not in self._by_shape:
            self._add(self._free(wanted or fallback, place), thing, direction)
        name = self._by_shape[shape]
        if wanted not in {None, name}:
            self.problems.append(
                f"{place}: to be called {wanted}, but things of this shape are called {name}"
            )
        reference = {"$ref": REFERENCE + name}
        return {"anyOf": [reference, {"type": "null"}]} if nullable else reference

    def _free(self, name: str, place: str) -> str:
        """Return the name, or with a number where it is taken: enough to continue, and a problem is reported."""
        if name not in self.components:
            return name
        self.problems.append(f"{place}: something else is called {name}; name this place under [schemas]")
        return next(told for n in count(2) if (told := f"{name}{n}") not in self.components)

    def _add(self, name: str, schema: Json, direction: str) -> None:
        self._by_shape[direction, json.dumps(schema, sort_keys=True)] = name
        self.components[name] = schema
        self._inside(schema, name, name, direction)

    def _inside(self, schema: Any, place: str, fallback: str, direction: str) -> None:
        for key, child in schema.get("properties", {}).items():
            schema["properties"][key] = self.name(child, f"{place}.{key}", fallback + pascal(key), direction)
        for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(schema.get(key), dict):
                schema[key] = self.name(schema[key], place + mark, singular(fallback), direction)
        for key in UNIONS:
            for index, child in enumerate(schema.get(key, ())):
                schema[key][index] = self.name(child, f"{place}|{index}", f"{fallback}{index + 1}", direction)
