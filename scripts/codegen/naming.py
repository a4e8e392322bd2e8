"""Gives inline objects a name: every object schema worth a name becomes a component.

A place is written as the operation id, a colon, then the way down: `body` or a status, `.name` into a property, `[]`
into items, `{}` into additional properties, `|0` into the first alternative: `create_file:body|0`. Inside a component
the place starts with the component's name: `Note.tags[]|0`. The `[schemas]` table of names.toml names places; other
objects are called after their parent and the property that holds them. Two objects of the same shape share a name,
though never one that is sent with one that is received.
"""

import json
from typing import Any

from codegen.facts import BuildError, Json, pascal

UNIONS = ("anyOf", "oneOf", "allOf")


def singular(name: str) -> str:
    """One of what a list property holds: `linked_records` -> `linked_record`, `entries` -> `entry`."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("sses"):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def is_object(schema: Json) -> bool:
    """Whether the schema describes an object with known properties."""
    kinds = schema.get("type")
    return "properties" in schema and (kinds == "object" or (isinstance(kinds, list) and "object" in kinds))


class Namer:
    """Moves inline objects into `components`, one for each shape and direction."""

    def __init__(self, components: Json, names: dict[str, str]) -> None:
        self.components = components
        self.names = names
        self.used: set[str] = set()
        self._by_shape: dict[tuple[str, str], str] = {}

    def component(self, name: str, schema: Json) -> None:
        """Take over a schema that has a name already."""
        if name in self.components:
            raise BuildError(f"names.toml: two schemas are called {name}")
        self._by_shape["answer", json.dumps(schema, sort_keys=True)] = name
        self.components[name] = schema
        self._inside(schema, name, name, "answer")

    def name(self, schema: Json, place: str, fallback: str, direction: str) -> Json:
        """The schema with everything nameable in it replaced by references."""
        if place in self.names:
            self.used.add(place)
        wanted = self.names.get(place)
        if not (is_object(schema) or wanted):
            self._inside(schema, place, fallback, direction)
            return schema
        nullable = isinstance(schema.get("type"), list) and "null" in schema["type"]
        if nullable:
            schema = {**schema, "type": "object"}
        shape = direction, json.dumps(schema, sort_keys=True)
        if shape not in self._by_shape:
            name = wanted or fallback
            if name in self.components:
                raise BuildError(f"{place}: another schema is called {name}; name this place under [schemas]")
            self._by_shape[shape] = name
            self.components[name] = schema
            self._inside(schema, name, name, direction)
        reference = {"$ref": f"#/components/schemas/{self._by_shape[shape]}"}
        return {"anyOf": [reference, {"type": "null"}]} if nullable else reference

    def _inside(self, schema: Any, place: str, fallback: str, direction: str) -> None:
        for key, child in schema.get("properties", {}).items():
            schema["properties"][key] = self.name(child, f"{place}.{key}", fallback + pascal(key), direction)
        for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(schema.get(key), dict):
                schema[key] = self.name(schema[key], place + mark, singular(fallback), direction)
        for key in UNIONS:
            for index, child in enumerate(schema.get(key, ())):
                schema[key][index] = self.name(child, f"{place}|{index}", f"{fallback}{index + 1}", direction)
