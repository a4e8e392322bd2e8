"""Build `openapi/attio.json` from a description of the API's structure, names.toml and overlay.toml.

Only structure is taken from the description: no summary, description, title or example of it survives.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from codegen import kept, overlay, stubs
from codegen.clean_schema import REFERENCE, VALUE_UNIONS, clean, component_name
from codegen.facts import (
    EXTENSIONS,
    TOKEN_LEVELS,
    BuildError,
    Json,
    extensions,
    is_failure,
    operations_of,
    pascal,
)
from codegen.failures import ErrorResponses
from codegen.name_objects import Namer

NEEDED = {"id", "tag", "summary", "access", "repeatable"}
KEYS = NEEDED | EXTENSIONS.keys() | {"why", "settled"}
GENERIC_EVENT: Json = {
    "type": "object",
    "properties": {
        "event_type": {"type": "string"},
        "id": {"type": "object", "additionalProperties": True},
        "actor": {"$ref": REFERENCE + "Actor"},
    },
    "required": ["event_type"],
}
GENERIC_ENVELOPE: Json = {
    "type": "object",
    "properties": {
        "webhook_id": {"type": "string", "format": "uuid"},
        "events": {"type": "array", "items": GENERIC_EVENT},
    },
    "required": ["webhook_id", "events"],
}


@dataclass(frozen=True)
class Draft:
    """A document of the API, and what keeps it from being taken over."""

    document: Json
    problems: list[str]
    """Everything that is to be settled first, in words; empty when the document can be taken over."""
    unnamed: list[str]
    """Operations (`METHOD path`) that names.toml does not know."""
    kept: list[str]
    """What the description does not publish, kept as it was."""


def build(structure: Json, names: Json, corrections: list[Json], current: Json | None = None) -> Json:
    """Our document of the API.

    Raises:
        BuildError: A path without a name, a name without a path, a fact that contradicts names.toml, two schemas of
            one name, or a correction whose defect is gone.
    """
    result = draft(structure, names, corrections, current)
    if result.problems:
        raise BuildError("\n".join(result.problems))
    return result.document


def draft(structure: Json, names: Json, corrections: list[Json], current: Json | None = None) -> Draft:
    """Our document as far as it can be made, with provisional names for what has none yet; `current` fills gaps."""
    tables: dict[str, Json] = {
        key: table for key, table in names.items() if key not in {"schemas", "events", "payloads"}
    }
    check_tables(tables)
    found = {f"{method} {path}": operation for method, path, operation in operations_of(structure)}
    before = kept.CurrentDocument(current, corrections)
    unnamed = sorted(found.keys() - tables.keys())
    hidden = {key for key in tables.keys() - found.keys() if tables[key].get("hidden") and before.has(key)}
    gone = sorted(tables.keys() - found.keys() - hidden)
    problems = disagreements(unnamed, gone, tables, found)
    known = {key: table for key, table in tables.items() if key not in gone}
    known |= stubs.tables(unnamed, found, tables)
    maker = Maker(names.get("schemas", {}))
    for name, schema in structure["components"]["schemas"].items():
        if name not in VALUE_UNIONS:
            maker.namer.component(component_name(name), clean(schema))
    paths: Json = {}
    for key, table in known.items():
        method, path = key.split(" ", 1)
        told = before.operation(key, table) if key in hidden else maker.operation(table, found[key])
        paths.setdefault(path, {})[method.lower()] = told
    webhooks = {} if "webhooks" in structure else before.webhooks()
    events = {name: hook for name, hook in events_of(structure, names) if name not in webhooks}
    told_events = [f"{len(webhooks)} webhook events"] if webhooks else []
    webhooks |= {name: maker.event(name, envelope) for name, envelope in events.items()}
    document = assembled(structure, paths, webhooks, maker)
    remaining = before.fill(document)
    problems += maker.namer.problems
    unused = maker.namer.names.keys() - maker.namer.used
    if ghosts := sorted(place for place in unused if not before.explains(place)):
        problems.append(f"names.toml: [schemas] names places that do not exist: {', '.join(ghosts)}")
    problems += overlay.apply(document, corrections)
    return Draft(document, problems, unnamed, [*sorted(hidden), *told_events, *remaining])


def assembled(structure: Json, paths: Json, webhooks: Json, maker: "Maker") -> Json:
    """Return the document, put together."""
    schemes: Json = structure["components"]["securitySchemes"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Attio",
            "version": structure["info"]["version"],
            "description": "The Attio REST API as this project describes it; made by scripts/regenerate.sh --upstream.",
        },
        "servers": [{"url": server["url"]} for server in structure["servers"]],
        "security": [{"oauth2": []}],
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": dict(sorted(maker.namer.components.items())),
            "responses": dict(sorted(maker.errors.components.items())),
            "securitySchemes": {name: oauth(scheme) for name, scheme in schemes.items()},
        },
    }


def check_tables(tables: dict[str, Json]) -> None:
    """Stop at a table of names.toml that cannot be read as one."""
    for key, table in tables.items():
        if table.keys() - KEYS or NEEDED - table.keys() or not table["summary"]:
            raise BuildError(f"names.toml: {key} needs {sorted(NEEDED)} and may have {sorted(KEYS - NEEDED)}")
    ids = [table["id"] for table in tables.values()]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BuildError(f"names.toml uses an id twice: {', '.join(twice)}")


def disagreements(
    unnamed: list[str], gone: list[str], tables: dict[str, Json], found: dict[str, Json]
) -> list[str]:
    """Return the differences between names.toml and the description: in operations, and in facts that both state."""
    problems = [f"names.toml has no table for: {', '.join(unnamed)}"] if unnamed else []
    if gone:
        problems.append(f"the description no longer has: {', '.join(gone)}; remove them from names.toml")
    return problems + [
        f"{key}: {fact} is {theirs!r} in the description and {ours!r} in names.toml"
        for key, table in tables.items()
        if key in found
        for name, fact, ours, theirs in shared_facts(table, found[key])
        if ours != theirs and name not in table.get("settled", ())
    ]


def shared_facts(table: Json, operation: Json) -> list[tuple[str, str, Any, Any]]:
    """Return each fact that the description states too, as (our key, their key, ours, theirs)."""
    limit: Json = table.get("limit", {})
    ours = {
        ("access", "x-access"): table["access"],
        ("paging", "x-pagination"): table.get("paging"),
        ("limit", "x-limit-default"): limit.get("default"),
        ("limit", "x-limit-max"): limit.get("max"),
        ("limit", "x-limit-min"): limit.get("min"),
        ("rate", "x-rate-limit-per-second"): table.get("rate"),
        ("stage", "x-stability"): table.get("stage"),
        ("hidden", "x-hidden"): table.get("hidden"),
        ("token_levels", TOKEN_LEVELS): table.get("token_levels"),
    }
    return [(*keys, value, operation[keys[1]]) for keys, value in ours.items() if keys[1] in operation]


def events_of(structure: Json, names: Json) -> Iterator[tuple[str, Json]]:
    """Yield every event type with the schema of its delivery; those without a known payload come last."""
    hooks: Json = structure.get("webhooks", {})
    for name, hook in hooks.items():
        yield name, envelope_of(hook)
    payloads: Json = names.get("payloads", {})
    for name, ids in payloads.items():
        if name not in hooks:
            yield name, told_envelope(name, ids)
    others = [
        *structure.get("x-webhook-events-without-known-payload", ()),
        *names.get("events", {}).get("unpublished", ()),
        *event_types(structure["paths"].get("/v2/webhooks", {})),
    ]
    for name in dict.fromkeys(others):
        if name not in hooks and name not in payloads:
            yield name, copy.deepcopy(GENERIC_ENVELOPE)


def told_envelope(name: str, ids: list[str]) -> Json:
    """Return the delivery of an event of which only its docs page tells the parts of the id; `?` marks one not yet seen."""
    parts = {part.removesuffix("?"): {"type": "string", "format": "uuid"} for part in ids}
    event: Json = {
        "type": "object",
        "properties": {
            "event_type": {"type": "string", "enum": [name]},
            "id": {
                "type": "object",
                "properties": parts,
                "required": [part for part in ids if not part.endswith("?")],
            },
            "actor": {"$ref": REFERENCE + "Actor"},
        },
        "required": ["event_type", "id", "actor"],
    }
    envelope = copy.deepcopy(GENERIC_ENVELOPE)
    envelope["properties"]["events"]["items"] = event
    return envelope


def envelope_of(hook: Json) -> Json:
    """Return the schema of a delivery; the general one where the description has none that holds events."""
    body: Json = hook.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
    envelope: Json = clean(body.get("schema", {}))
    told = "items" in envelope.get("properties", {}).get("events", {})
    return envelope if told else copy.deepcopy(GENERIC_ENVELOPE)


def event_types(part: Any) -> Iterator[str]:
    """Yield the event types that a webhook can subscribe to, as far as a description lists them."""
    if isinstance(part, list):
        for child in part:
            yield from event_types(child)
    if isinstance(part, dict):
        kind = part.get("event_type")
        if isinstance(kind, dict):
            yield from kind.get("enum", ())
        for child in part.values():
            yield from event_types(child)


def oauth(scheme: Json) -> Json:
    """Return the OAuth scheme; the names of the scopes say what they are."""
    flow: Json = scheme["flows"]["authorizationCode"]
    kept = {key: flow[key] for key in ("authorizationUrl", "tokenUrl")}
    return {
        "type": "oauth2",
        "flows": {"authorizationCode": {**kept, "scopes": dict.fromkeys(flow["scopes"], "")}},
    }


class Maker:
    """The document in the making: gathers named schemas and error responses."""

    def __init__(self, names: dict[str, str]) -> None:
        """Start empty; `names` is the [schemas] table of names.toml."""
        self.namer = Namer(names)
        self.errors = ErrorResponses()

    def operation(self, table: Json, source: Json) -> Json:
        """Return one operation: our words and facts, the description's structure."""
        name: str = table["id"]
        result: Json = {"operationId": name, "tags": [table["tag"]], "summary": table["summary"]}
        if source.get("deprecated"):
            result["deprecated"] = True
        if "security" in source:
            result["security"] = source["security"]
        if source.get("parameters"):
            result["parameters"] = [self.parameter(name, parameter) for parameter in source["parameters"]]
        if "requestBody" in source:
            content = self.content(source["requestBody"], f"{name}:body", pascal(name), "body")
            result["requestBody"] = {"required": True, "content": content}
        result["responses"] = self.responses(name, source["responses"])
        result |= extensions(table)
        if TOKEN_LEVELS in source:
            result.pop(TOKEN_LEVELS, None)
            result |= {TOKEN_LEVELS: source[TOKEN_LEVELS]} if source[TOKEN_LEVELS] else {}
        return result

    def parameter(self, operation: str, source: Json) -> Json:
        """Return a parameter; enums are sorted, so that one set of words is one schema however it is written down."""
        schema = clean(source["schema"])
        if "enum" in schema:
            schema["enum"] = sorted(schema["enum"])
        named = self.namer.name(schema, f"{operation}:{source['name']}", pascal(source["name"]), "body")
        return {"name": source["name"], "in": source["in"], "required": source["required"], "schema": named}

    def responses(self, operation: str, source: Json) -> Json:
        """Return the responses of one operation: answers in full, errors by reference."""
        result: Json = {}
        for status, response in source.items():
            if is_failure(status):
                result[status] = self.errors.reference(operation, status, response)
                continue
            answer: Json = {"description": "Done."}
            if "content" in response:
                answer["content"] = self.content(
                    response, f"{operation}:{status}", pascal(operation) + "Result", "answer"
                )
            result[status] = answer
        result["default"] = {"$ref": "#/components/responses/OtherError"}
        return result

    def content(self, holder: Json, place: str, fallback: str, direction: str) -> Json:
        """Return the media types of a body; `{"data": ...}` itself stays without a name, what it holds gets one."""
        result: Json = {}
        for media, content in holder["content"].items():
            schema = clean(content.get("schema", {}))
            properties: Json = schema.get("properties", {})
            if "data" in properties:
                properties["data"] = self.namer.name(properties["data"], f"{place}.data", fallback, direction)
            else:
                schema = self.namer.name(schema, place, fallback, direction)
            if "pagination" in properties:
                page = self.namer.name(properties["pagination"], "pagination", "Pagination", direction)
                properties["pagination"] = page
            result[media] = {"schema": schema}
        return result

    def event(self, name: str, envelope: Json) -> Json:
        """Return one webhook; the envelope stays without a name, its events get one."""
        events: Json = envelope["properties"]["events"]
        fallback = "GenericEvent" if events["items"] == GENERIC_EVENT else pascal(name) + "Event"
        events["items"] = self.namer.name(events["items"], f"{name}:event", fallback, "answer")
        body = {"required": True, "content": {"application/json": {"schema": envelope}}}
        return {"post": {"requestBody": body, "responses": {"200": {"description": "Received."}}}}
