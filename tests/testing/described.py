"""A fake that checks the shape of its answers against the description of the API; formats are not checked."""

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attio_async.testing import FakeAttio, FakeResponse
from attio_async.testing._http.router import match

Schema = Mapping[str, Any]

_TYPES = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


@functools.cache
def document() -> Schema:
    root = Path(__file__).parents[2]
    return json.loads((root / "openapi" / "attio.json").read_bytes())


class CheckedFake(FakeAttio):
    """A fake that raises when an answer is not as described, and collects the operations that succeeded."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.answered: set[str] = set()

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        response = super().handle(method, target, headers, body)
        route = match(method, target.partition("?")[0])
        if route is not None and self.calls[-1].fault is None:
            _check(route.operation.method, route.operation.path, response)
            if response.status < 400:
                self.answered.add(route.operation.id)
        return response


def _check(method: str, path: str, response: FakeResponse) -> None:
    described = document()["paths"][path][method.lower()]["responses"]
    where = f"{method} {path} {response.status}"
    if response.status >= 400:
        body = json.loads(response.body)
        camel = str(response.status) in described and _is_camel(described[str(response.status)])
        assert set(body) - {"validation_errors", "path"} == {
            "statusCode" if camel else "status_code",
            "type",
            "code",
            "message",
        }, (where, body)
        return
    assert str(response.status) in described, f"{where} is not described"
    content = described[str(response.status)].get("content", {}).get("application/json")
    if content is None:
        assert response.body == b"", where
        return
    found = [*issues(json.loads(response.body), content["schema"], "")]
    assert not found, f"{where}: {found}"


def _is_camel(response: Schema) -> bool:
    return response.get("$ref", "").endswith("InCamelCase")


def issues(value: object, schema: Schema, path: str) -> Iterator[str]:
    """Yield each part of the value that is not as described, such as an undescribed key."""
    schema = _whole(schema)
    variants = schema.get("anyOf") or schema.get("oneOf")
    if variants is not None:
        found = [[*issues(value, one, path)] for one in variants]
        if all(found):
            yield f"{path} matches none of {len(found)}: {min(found, key=len)}"
        return
    types = schema.get("type", [])
    if types and not any(_TYPES[one](value) for one in ([types] if isinstance(types, str) else types)):
        yield f"{path} is {value!r}, not {types}"
    elif value not in schema.get("enum", (schema.get("const", value),)):
        yield f"{path} is {value!r}, not one of the described values"
    elif isinstance(value, dict):
        yield from _object_issues(value, schema, path)
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path} has too few items"
        for place, item in enumerate(value):
            yield from issues(item, schema.get("items", {}), f"{path}[{place}]")


def _object_issues(value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, inner in value.items():
        if name in properties:
            yield from issues(inner, properties[name], f"{path}.{name}")
        elif name == "list_id" and "attribute_id" in value:
            continue  # attributes of lists have the id of the list, which is not described
        elif properties and not schema.get("additionalProperties"):
            yield f"{path}.{name} is not described"


def _whole(schema: Schema) -> Schema:
    """Return the schema without references and parts."""
    if "$ref" in schema:
        return _whole(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = [_whole(part) for part in schema.get("allOf", ())]
    if not parts:
        return schema
    return {
        "type": "object",
        "properties": {name: one for part in parts for name, one in part.get("properties", {}).items()},
        "required": [name for part in parts for name in part.get("required", ())],
    }
