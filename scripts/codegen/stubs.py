"""Propose tables of names.toml for operations that have none: a draft to read and correct by hand."""

import json
from typing import Any

from codegen.facts import Json, operations_of
from codegen.name_objects import singular

VERBS = {"PUT": "overwrite", "PATCH": "update", "DELETE": "delete"}
ASKING = {"query", "search"}
KEPT_FACTS = {"stage": "x-stability", "hidden": "x-hidden", "rate": "x-rate-limit-per-second"}


def tables(unnamed: list[str], found: dict[str, Json], known: dict[str, Json]) -> dict[str, Json]:
    """Return a table for each operation, with ids of their own."""
    taken = {table["id"] for table in known.values()}
    result: dict[str, Json] = {}
    for key in unnamed:
        table = proposal(key, found[key])
        plain, number = table["id"], 2
        while table["id"] in taken:
            table["id"], number = f"{plain}_{number}", number + 1
        taken.add(table["id"])
        result[key] = table
    return result


def proposal(key: str, operation: Json) -> Json:
    """Return the table that method, path and structure suggest."""
    method, path = key.split(" ", 1)
    steps = [step for step in path.split("/")[2:] if step]
    nouns = [step.replace("-", "_") for step in steps if not step.startswith("{")]
    last = nouns[-1] if nouns else "root"
    asking = method == "POST" and last in ASKING
    thing = nouns[-2] if asking and len(nouns) > 1 else last
    one = bool(steps) and steps[-1].startswith("{")
    if asking:
        verb, noun = last, thing
    elif method == "GET":
        verb, noun = ("get", singular(thing)) if one else ("list", thing)
    elif method == "POST":
        verb, noun = "create", singular(thing)
    else:
        verb, noun = VERBS[method], singular(thing)
    table: Json = {
        "id": f"{verb}_{noun}",
        "tag": nouns[0] if nouns else "meta",
        "summary": f"{verb.capitalize()} {noun.replace('_', ' ')}.",
        "access": operation.get("x-access", "read" if method == "GET" or asking else "write"),
        "repeatable": method in {"GET", "PUT", "DELETE"} or asking,
    }
    return (
        table | paging(operation) | {ours: operation[x] for ours, x in KEPT_FACTS.items() if operation.get(x)}
    )


def paging(operation: Json) -> Json:
    """Return the style of pages and their size, as far as the structure tells them."""
    queries = {entry["name"]: entry.get("schema", {}) for entry in operation.get("parameters", ())}
    content: Json = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    body: Json = content.get("schema", {}).get("properties", {})
    style = "cursor" if "cursor" in queries else "offset-query" if "offset" in queries else None
    style = style or ("offset-body" if "offset" in body else None)
    bounds: Json = body.get("limit", {}) if style == "offset-body" else queries.get("limit", {})
    names = {"default": "default", "maximum": "max", "minimum": "min"}
    limit = {ours: bounds[theirs] for theirs, ours in names.items() if isinstance(bounds.get(theirs), int)}
    return ({"paging": style} if style else {}) | ({"limit": limit} if limit and style else {})


def as_toml(unnamed: list[str], document: Json) -> str:
    """Return the tables that a draft uses for operations without a name, ready to be pasted into names.toml."""
    operations = {f"{method} {path}": operation for method, path, operation in operations_of(document)}
    return "\n".join(table_text(key, operations[key]) for key in unnamed)


def table_text(key: str, operation: Json) -> str:
    """Return one table."""
    lines = [
        f"[{json.dumps(key)}]",
        f"id = {literal(operation['operationId'])}",
        f"tag = {literal(operation['tags'][0])}",
        f"summary = {literal(operation['summary'])}",
        f"access = {literal(operation['x-access'])}",
        f"repeatable = {literal(operation['x-repeatable'])}",
    ]
    for name in ("rate", "paging", "limit", "stage", "hidden"):
        if f"x-{name}" in operation:
            lines.append(f"{name} = {literal(operation[f'x-{name}'])}")
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """Return a value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(child)}" for key, child in value.items()) + " }"
    return json.dumps(value)
