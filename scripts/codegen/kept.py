"""Keep what a description does not publish as our document has it.

The vendor's own document leaves out operations that `names.toml` marks as hidden, tells webhooks in a document of their
own, and describes values and errors in place rather than as components.
"""

import copy
from collections.abc import Iterator
from typing import Any

from codegen.clean_schema import REFERENCE, VALUE_NAMES
from codegen.facts import Json, extensions
from codegen.overlay import undo

RESPONSE = "#/components/responses/"


class CurrentDocument:
    """Our document as it is, before its corrections, and what was taken from it."""

    def __init__(self, document: Json | None, corrections: list[Json]) -> None:
        """Start with nothing taken; without a document there is nothing to take."""
        self._document: Json = copy.deepcopy(document or {"paths": {}, "webhooks": {}, "components": {}})
        undo(self._document, corrections)
        self._taken: set[str] = set()

    def has(self, key: str) -> bool:
        """Return True if the operation `METHOD path` is known."""
        method, path = key.split(" ", 1)
        return method.lower() in self._document["paths"].get(path, {})

    def operation(self, key: str, table: Json) -> Json:
        """Return an operation as it was, with the words and facts of names.toml."""
        method, path = key.split(" ", 1)
        source: Json = self._document["paths"][path][method.lower()]
        result: Json = {"operationId": table["id"], "tags": [table["tag"]], "summary": table["summary"]}
        structural = ("deprecated", "security", "parameters", "requestBody", "responses")
        result |= {name: source[name] for name in structural if name in source}
        self._taken.add(source["operationId"])
        return result | extensions(table)

    def webhooks(self) -> Json:
        """Return all webhooks as they were."""
        hooks: Json = self._document["webhooks"]
        self._taken.update(hooks)
        return dict(hooks)

    def fill(self, document: Json) -> list[str]:
        """Add what the document refers to but does not have; returns what that is, in words."""
        added: list[str] = []
        schemas, responses = document["components"]["schemas"], document["components"]["responses"]
        before: Json = self._document["components"]
        waiting: list[Any] = [document["paths"], document["webhooks"], schemas, responses]
        for ending in VALUE_NAMES:
            if not any(name.endswith(ending) for name in schemas):
                names = [name for name in before.get("schemas", {}) if name.endswith(ending)]
                waiting += [{"$ref": REFERENCE + name} for name in names]
        while waiting:
            for reference in references(waiting.pop()):
                for prefix, kind, parts in (
                    (REFERENCE, "schemas", schemas),
                    (RESPONSE, "responses", responses),
                ):
                    name = reference.removeprefix(prefix)
                    if reference.startswith(prefix) and name not in parts and name in before.get(kind, {}):
                        parts[name] = before[kind][name]
                        waiting.append(parts[name])
                        added.append(name)
        self._taken.update(added)
        for parts, kind in ((schemas, "schemas"), (responses, "responses")):
            document["components"][kind] = dict(sorted(parts.items()))
        if not document["components"]["securitySchemes"]:
            document["components"]["securitySchemes"] = before.get("securitySchemes", {})
        return sorted(added)

    def explains(self, place: str) -> bool:
        """Return True if a place named by hand lies in what was taken over as it was."""
        return place_root(place) in self._taken


def place_root(place: str) -> str:
    """Return the operation, event or component that a place begins with; see name_objects.py."""
    if ":" in place:
        return place.split(":", 1)[0]
    for mark in (".", "[", "{", "|"):
        place = place.split(mark, 1)[0]
    return place


def references(part: Any) -> Iterator[str]:
    """Yield every address that a part of a document refers to."""
    if isinstance(part, list):
        for child in part:
            yield from references(child)
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for child in part.values():
            yield from references(child)
