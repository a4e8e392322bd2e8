"""Find what appeared, changed and vanished between two documents of the API."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from codegen.clean_schema import VALUE_NAMES
from codegen.facts import EXTENSIONS, Json, is_failure, locate, operations_of
from codegen.shapes import Fields, ShapeField, fields_of

APPEARED, CHANGED, VANISHED = "appeared", "changed", "vanished"
OPERATIONS, PARAMETERS, BODIES = "Operations", "Parameters", "Request bodies"
ANSWERS, STATUSES, SCOPES, EVENTS = "Answers", "Statuses and errors", "Scopes", "Webhook events"
VALUES = "Attribute values"
FACTS, OTHER = "Names and facts", "Other"
GROUPS = (OPERATIONS, PARAMETERS, BODIES, ANSWERS, STATUSES, SCOPES, EVENTS, VALUES, FACTS, OTHER)
NAMED_FACTS = (
    "operationId",
    "tags",
    "summary",
    "deprecated",
    "x-access",
    "x-repeatable",
    *EXTENSIONS.values(),
)


@dataclass(frozen=True)
class Difference:
    """One difference: the group it is told in, what became of it, and where."""

    group: str
    kind: str
    what: str
    where: str = ""
    """The operation or event, where the group does not say it."""


def changes(old: Json, new: Json) -> list[Difference]:
    """Return every difference that matters."""
    before, after = keyed(old), keyed(new)
    found = list(sets(OPERATIONS, before.keys(), after.keys()))
    for key in before.keys() & after.keys():
        one = list(of_operation(old, before[key], new, after[key]))
        name = after[key]["operationId"]
        if not one and spelled(old, before[key]) != spelled(new, after[key]):
            one = [Difference(OTHER, CHANGED, "fields are ordered or grouped differently", name)]
        found += one
    found += of_events(old, new)
    found += of_values(old, new)
    found += sets(SCOPES, scopes_offered(old), scopes_offered(new))
    for key in ("info", "servers"):
        if old.get(key) != new.get(key):
            told = f"{key}: {json.dumps(old.get(key))} is now {json.dumps(new.get(key))}"
            found.append(Difference(OTHER, CHANGED, told))
    if not found and old != new:
        found.append(Difference(OTHER, CHANGED, "the names of schemas, and nothing that an operation shows"))
    return sorted(set(found), key=lambda change: (change.kind, change.what, change.where))


def keyed(document: Json) -> dict[str, Json]:
    """Return the operations by method and path."""
    return {f"{method} {path}": operation for method, path, operation in operations_of(document)}


def sets(group: str, before: Any, after: Any, where: str = "", told: str = "{}") -> Iterator[Difference]:
    """Yield the new members of a set, and those that are gone."""
    for entry in set(after) - set(before):
        yield Difference(group, APPEARED, told.format(entry), where)
    for entry in set(before) - set(after):
        yield Difference(group, VANISHED, told.format(entry), where)


def of_operation(old: Json, before: Json, new: Json, after: Json) -> Iterator[Difference]:
    """Yield the differences of one operation."""
    name = after["operationId"]
    yield from of_fields(PARAMETERS, parameters(old, before), parameters(new, after), name)
    yield from of_fields(BODIES, body(old, before), body(new, after), name)
    yield from sets(STATUSES, before["responses"], after["responses"], name)
    for status in before["responses"].keys() & after["responses"].keys():
        failed = is_failure(status)
        yield from of_fields(
            STATUSES if failed else ANSWERS,
            contents(old, before["responses"][status]),
            contents(new, after["responses"][status]),
            name,
            f"{status}: " if failed else "",
        )
    yield from sets(SCOPES, scopes(before), scopes(after), name, "{} is needed")
    for fact in NAMED_FACTS:
        if before.get(fact) != after.get(fact):
            told = f"{fact.removeprefix('x-')}: {json.dumps(before.get(fact))} is now {json.dumps(after.get(fact))}"
            yield Difference(FACTS, CHANGED, told, name)


def of_fields(
    group: str, before: Fields, after: Fields, where: str, prefix: str = ""
) -> Iterator[Difference]:
    """Yield the differences of two tables of fields; what lies in a new or vanished one is not told apart."""
    for path in outermost(after.keys() - before.keys()):
        yield Difference(group, APPEARED, f"{prefix}{shown(path)} ({after[path].told()})", where)
    for path in outermost(before.keys() - after.keys()):
        yield Difference(group, VANISHED, f"{prefix}{shown(path)} ({before[path].told()})", where)
    for path in before.keys() & after.keys():
        yield from of_field(group, f"{prefix}{shown(path)}", before[path], after[path], where)


def of_field(
    group: str, name: str, before: ShapeField, after: ShapeField, where: str
) -> Iterator[Difference]:
    """Yield the differences of one field."""
    if before.kinds != after.kinds:
        old, new = (" or ".join(sorted(one.kinds)) or "anything" for one in (before, after))
        yield Difference(group, CHANGED, f"{name}: {old} is now {new}", where)
    if before.required != after.required:
        yield Difference(group, CHANGED, f"{name}: now {'required' if after.required else 'optional'}", where)
    if before.words and after.words:
        yield from sets(
            group,
            before.words,
            after.words,
            where,
            name.replace("{", "{{").replace("}", "}}") + ": the choice {}",
        )
    elif before.words != after.words:
        told = ", ".join(sorted(before.words or after.words))
        yield Difference(
            group, CHANGED, f"{name}: {'no longer' if before.words else 'now'} one of {told}", where
        )
    if before.rules != after.rules:
        old, new = (
            ", ".join(sorted(one)) or "no rule"
            for one in (before.rules - after.rules, after.rules - before.rules)
        )
        yield Difference(group, CHANGED, f"{name}: {old} is now {new}", where)


def outermost(paths: set[str]) -> list[str]:
    """Return the paths that do not lie within another of them."""
    return [path for path in paths if not any(path != other and inside(path, other) for other in paths)]


def inside(path: str, other: str) -> bool:
    """Return True if a path leads through another."""
    return path.startswith(other) and path[len(other)] in ".[{"


def shown(path: str) -> str:
    """Return a path as a reader knows it: without the envelope."""
    plain = path.removeprefix(".")
    for envelope in ("data[].", "data.", "events[]."):
        plain = plain.removeprefix(envelope)
    return plain or "the whole"


def parameters(document: Json, operation: Json) -> Fields:
    """Return the parameters of an operation as fields."""
    result: Fields = {}
    for entry in operation.get("parameters", ()):
        path = f".{entry['name']} in {entry['in']}"
        table = fields_of(document, entry["schema"], path)
        table[path].required = entry["required"]
        result |= table
    return result


def body(document: Json, operation: Json) -> Fields:
    """Return the fields of the body that an operation sends."""
    return contents(document, operation.get("requestBody", {}))


def contents(document: Json, holder: Json) -> Fields:
    """Return the fields of a body. A media type other than JSON is a field of its own."""
    if "$ref" in holder:
        parent, key = locate(document, holder["$ref"].removeprefix("#"))
        holder = parent[key]
    result: Fields = {}
    for media, content in holder.get("content", {}).items():
        result |= fields_of(document, content["schema"], "" if media == "application/json" else f".{media}")
    return result


def scopes(operation: Json) -> set[str]:
    """Return the scopes an operation needs, in some case at least."""
    always = {scope for entry in operation.get("security", ()) for scope in entry.get("oauth2", ())}
    return always | {scope for told in operation.get("x-scopes-when", {}).values() for scope in told}


def scopes_offered(document: Json) -> set[str]:
    """Return the scopes an app can ask for."""
    flows: Json = document["components"]["securitySchemes"].get("oauth2", {}).get("flows", {})
    return set(flows.get("authorizationCode", {}).get("scopes", ()))


def of_events(old: Json, new: Json) -> Iterator[Difference]:
    """Yield the differences of the webhook events."""
    yield from sets(EVENTS, old["webhooks"], new["webhooks"])
    for name in old["webhooks"].keys() & new["webhooks"].keys():
        before, after = (body(each, each["webhooks"][name]["post"]) for each in (old, new))
        yield from of_fields(EVENTS, before, after, name)


def of_values(old: Json, new: Json) -> Iterator[Difference]:
    """Yield the differences of the kinds of values: records hold any values, so no operation shows these."""
    before, after = (
        {name: schema for name, schema in each["components"]["schemas"].items() if name.endswith(VALUE_NAMES)}
        for each in (old, new)
    )
    yield from sets(VALUES, before, after)
    for name in before.keys() & after.keys():
        yield from of_fields(VALUES, fields_of(old, before[name]), fields_of(new, after[name]), name)


def spelled(document: Json, part: Any, trail: tuple[str, ...] = ()) -> str:
    """Return a part of a document written out, references followed, to be compared to the letter."""
    if isinstance(part, list):
        return "[" + ",".join(spelled(document, child, trail) for child in part) + "]"
    if not isinstance(part, dict):
        return json.dumps(part)
    reference = part.get("$ref")
    if isinstance(reference, str):
        if reference in trail:
            return json.dumps(reference)
        holder, key = locate(document, reference.removeprefix("#"))
        return spelled(document, holder[key], (*trail, reference))
    told = (f"{json.dumps(key)}:{spelled(document, child, trail)}" for key, child in part.items())
    return "{" + ",".join(told) + "}"
