"""Builds `openapi/attio.json` from a description of the API's structure, names.toml and overlay.toml.

Only structure is taken from the description: no summary, description, title or example of it survives.
"""

import copy
import json
from typing import Any

from codegen import overlay
from codegen.facts import BuildError, Json, operations_of, pascal
from codegen.naming import Namer

PROSE = {"description", "summary", "title", "example", "examples", "externalDocs"}
FREE_VALUES = {"values", "entry_values"}
VALUE_UNIONS = {"attribute-value", "output-value", "input-value"}
KEYS = {"id", "tag", "summary", "access", "repeatable", "why", "rate", "paging", "limit", "stage", "hidden", "scopes_when"}
GENERIC_EVENT: Json = {
    "type": "object",
    "properties": {
        "event_type": {"type": "string"},
        "id": {"type": "object", "additionalProperties": True},
        "actor": {"$ref": "#/components/schemas/Actor"},
    },
    "required": ["event_type"],
}


def build(structure: Json, names: Json, corrections: list[Json]) -> Json:
    """Our document of the API.

    Raises:
        BuildError: A path without a name, a name without a path, a fact that contradicts names.toml, two schemas of one
            name, or a correction whose defect is gone.
    """
    tables: dict[str, Json] = {key: table for key, table in names.items() if key != "schemas"}
    found = {f"{method} {path}": operation for method, path, operation in operations_of(structure)}
    check_names(found, tables)
    components: Json = {}
    namer = Namer(components, names.get("schemas", {}))
    rename = {old: component_name(old) for old in structure["components"]["schemas"]}
    for old, schema in structure["components"]["schemas"].items():
        if old not in VALUE_UNIONS:
            namer.component(rename[old], clean(schema, rename))
    errors = ErrorResponses()
    paths: Json = {}
    for key, table in tables.items():
        method, path = key.split(" ", 1)
        paths.setdefault(path, {})[method.lower()] = operation_object(table, found[key], rename, namer, errors)
    webhooks = {name: event_object(name, hook, rename, namer) for name, hook in structure["webhooks"].items()}
    for name in structure.get("x-webhook-events-without-known-payload", ()):
        webhooks[name] = event_object(name, None, rename, namer)
    if unused := sorted(namer.names.keys() - namer.used):
        raise BuildError(f"names.toml: [schemas] names places that do not exist: {', '.join(unused)}")
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Attio",
            "version": structure["info"]["version"],
            "description": "The Attio REST API as attio-async describes it. Built by scripts/regenerate.sh --upstream.",
        },
        "servers": [{"url": server["url"]} for server in structure["servers"]],
        "security": [{"oauth2": []}],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": {**dict(sorted(errors.components.items())), "RateLimited": RATE_LIMITED},
            "securitySchemes": without_prose(structure["components"]["securitySchemes"]),
        },
    }
    overlay.apply(document, corrections)
    return document


RATE_LIMITED: Json = {
    "description": "Too many requests; the request was not carried out.",
    "headers": {"Retry-After": {"required": True, "schema": {"type": "string"}, "x-format": "http-date"}},
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RateLimitError"}}},
}


def check_names(found: dict[str, Json], tables: dict[str, Json]) -> None:
    """Compare the description's operations with names.toml, both ways, and the facts both state."""
    if missing := sorted(found.keys() - tables.keys()):
        raise BuildError(f"names.toml has no table for: {', '.join(missing)}")
    if gone := sorted(tables.keys() - found.keys()):
        raise BuildError(f"the description no longer has: {', '.join(gone)}; remove them from names.toml")
    ids = [table["id"] for table in tables.values()]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BuildError(f"names.toml uses an id twice: {', '.join(twice)}")
    for key, table in tables.items():
        if unknown := sorted(table.keys() - KEYS):
            raise BuildError(f"names.toml: {key} has unknown keys: {', '.join(unknown)}")
        for fact, ours, theirs in compare(table, found[key]):
            if ours != theirs:
                raise BuildError(f"{key}: {fact} is {theirs!r} in the description and {ours!r} in names.toml")


def compare(table: Json, operation: Json) -> list[tuple[str, Any, Any]]:
    """Each fact that the description states too, as (name, ours, theirs)."""
    limit: Json = table.get("limit", {})
    ours = {
        "x-access": table["access"],
        "x-pagination": table.get("paging"),
        "x-limit-default": limit.get("default"),
        "x-limit-max": limit.get("max"),
        "x-limit-min": limit.get("min"),
        "x-rate-limit-per-second": table.get("rate"),
        "x-stability": table.get("stage"),
        "x-hidden": table.get("hidden"),
    }
    return [(fact, value, operation[fact]) for fact, value in ours.items() if fact in operation]


def operation_object(table: Json, source: Json, rename: dict[str, str], namer: Namer, errors: "ErrorResponses") -> Json:
    """One operation as our document writes it."""
    name: str = table["id"]
    operation: Json = {"operationId": name, "tags": [table["tag"]], "summary": table["summary"]}
    if source.get("deprecated"):
        operation["deprecated"] = True
    if "security" in source:
        operation["security"] = source["security"]
    if source.get("parameters"):
        operation["parameters"] = [
            {"name": p["name"], "in": p["in"], "required": p["required"], "schema": clean(p["schema"], rename)}
            for p in source["parameters"]
        ]
    if "requestBody" in source:
        operation["requestBody"] = {
            "required": source["requestBody"].get("required", False),
            "content": contents(source["requestBody"], f"{name}:body", pascal(name), "body", rename, namer),
        }
    operation["responses"] = responses(name, source, rename, namer, errors)
    operation["x-access"] = table["access"]
    operation["x-repeatable"] = table["repeatable"]
    for key, target in (("rate", "x-rate"), ("paging", "x-paging"), ("limit", "x-limit"), ("stage", "x-stage"),
                        ("hidden", "x-hidden"), ("scopes_when", "x-scopes-when")):
        if key in table:
            operation[target] = table[key]
    return operation


def responses(name: str, source: Json, rename: dict[str, str], namer: Namer, errors: "ErrorResponses") -> Json:
    """The responses of one operation: answers in full, errors by reference."""
    result: Json = {}
    for status, response in source["responses"].items():
        if int(status) >= 400:
            result[status] = {"$ref": f"#/components/responses/{errors.name(name, status, response)}"}
            continue
        result[status] = {"description": "Done."}
        if "content" in response:
            content = contents(response, f"{name}:{status}", pascal(name) + "Result", "answer", rename, namer)
            result[status]["content"] = content
    return result


def contents(
    holder: Json, place: str, fallback: str, direction: str, rename: dict[str, str], namer: Namer
) -> Json:
    """The media types of a body; the `{"data": ...}` around it stays without a name, what it holds gets one."""
    result: Json = {}
    for media, content in holder["content"].items():
        schema = clean(content["schema"], rename)
        properties: Json = schema.get("properties", {})
        if "data" in properties:
            properties["data"] = namer.name(properties["data"], f"{place}.data", fallback, direction)
            if "pagination" in properties:
                properties["pagination"] = namer.name(properties["pagination"], "pagination", "Pagination", direction)
        else:
            schema = namer.name(schema, place, fallback, direction)
        result[media] = {"schema": schema}
    return result


def event_object(name: str, hook: Json | None, rename: dict[str, str], namer: Namer) -> Json:
    """One webhook; without a known payload its events are generic."""
    if hook is None:
        event = namer.name(copy.deepcopy(GENERIC_EVENT), f"{name}:event", "GenericEvent", "answer")
        events: Json = {"type": "array", "items": event}
        envelope = {"type": "object", "properties": {"webhook_id": {"type": "string", "format": "uuid"}}}
    else:
        envelope = clean(hook["post"]["requestBody"]["content"]["application/json"]["schema"], rename)
        fallback = pascal(name) + "Event"
        event = namer.name(envelope["properties"]["events"]["items"], f"{name}:event", fallback, "answer")
        events = {**envelope["properties"]["events"], "items": event}
    envelope["properties"]["events"] = events
    envelope["required"] = ["webhook_id", "events"]
    body = {"required": True, "content": {"application/json": {"schema": envelope}}}
    return {"post": {"requestBody": body, "responses": {"200": {"description": "Received."}}}}


class ErrorResponses:
    """The error responses: one component for each status and set of codes."""

    def __init__(self) -> None:
        self.components: Json = {}

    def name(self, operation: str, status: str, response: Json) -> str:
        """The component's name, made on first use: the status and its codes, or the operation when they are many."""
        schema: Json = response["content"]["application/json"]["schema"]
        properties: Json = schema["properties"]
        codes: list[str] = properties["code"]["enum"]
        told = "Or".join(pascal(code) for code in codes) if len(codes) <= 2 else "Of" + pascal(operation)
        spelled = "" if "status_code" in properties else "InCamelCase"
        name = f"Error{status}{told}{spelled}"
        own = {key: {"enum": properties[key]["enum"]} for key in properties if "enum" in properties[key]}
        if spelled:
            body: Json = without_prose(schema)
        else:
            body = {"allOf": [{"$ref": "#/components/schemas/Error"}, {"type": "object", "properties": own}]}
        component = {"description": f"{status}: {', '.join(codes)}.", "content": {"application/json": {"schema": body}}}
        if self.components.setdefault(name, component) != component:
            raise BuildError(f"{operation}: two different error bodies would be called {name}")
        return name


def component_name(name: str) -> str:
    """Our name of one of the description's components: `value-output-text` is `TextValue`."""
    for prefix, suffix in (("value-output-", "Value"), ("value-input-", "Input")):
        if name.startswith(prefix):
            return pascal(name.removeprefix(prefix)) + suffix
    return pascal(name)


def clean(schema: Any, rename: dict[str, str]) -> Any:
    """A copy without prose, with our component names, and with attribute values left free-form."""
    if isinstance(schema, list):
        return [clean(child, rename) for child in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return {} if name in VALUE_UNIONS else {"$ref": f"#/components/schemas/{rename[name]}"}
    result: Json = {}
    for key, child in schema.items():
        if key == "properties":
            result[key] = {
                name: {"type": "object", "additionalProperties": True}
                if name in FREE_VALUES and "additionalProperties" in inner
                else clean(inner, rename)
                for name, inner in child.items()
            }
        elif key not in PROSE:
            result[key] = clean(child, rename)
    return result


def without_prose(value: Any) -> Any:
    """A copy of a part that refers to nothing, with empty descriptions where the format asks for one."""
    return json.loads(json.dumps(value))
