"""Bring one or several documents of the API into the one form the build reads.

Shared parts (parameters, bodies, responses) are put where they are used, the parameters and the security of a path or
the whole document are told with each operation, the OAuth scheme is called `oauth2`, and statuses that are no number
are left out, for no operation can be said to answer with them.
"""

from typing import Any

from codegen.clean_schema import REFERENCE
from codegen.facts import METHODS, TOKEN_LEVELS, BuildError, Json, is_failure, locate, operations_of

WITHOUT_PAYLOAD = "x-webhook-events-without-known-payload"


def structure_of(documents: list[Json]) -> Json:
    """Return the documents as one.

    Raises:
        BuildError: Two documents tell the same operation, or one refers to a part that it does not have.
    """
    result: Json = {
        "info": {"version": str(documents[0].get("info", {}).get("version", ""))},
        "servers": documents[0].get("servers", []),
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}},
    }
    for document in documents:
        for path, item in document.get("paths", {}).items():
            for method, operation in operations_in(document, item).items():
                if method in result["paths"].setdefault(path, {}):
                    raise BuildError(f"{method.upper()} {path} is told by two documents")
                result["paths"][path][method] = operation
        if "webhooks" in document:
            result.setdefault("webhooks", {}).update(document["webhooks"])
        if WITHOUT_PAYLOAD in document:
            result[WITHOUT_PAYLOAD] = document[WITHOUT_PAYLOAD]
        components: Json = document.get("components", {})
        result["components"]["schemas"].update(components.get("schemas", {}))
        if name := oauth_name(document):
            result["components"]["securitySchemes"] = {"oauth2": components["securitySchemes"][name]}
    name_values(result["components"]["schemas"])
    tell_token_levels(result)
    return result


def tell_token_levels(document: Json) -> None:
    """Note that an operation without levels of tokens accepts any, where a description tells them at all."""
    operations = [operation for _, _, operation in operations_of(document)]
    if any(TOKEN_LEVELS in operation for operation in operations):
        for operation in operations:
            operation.setdefault(TOKEN_LEVELS, None)


def oauth_name(document: Json) -> str | None:
    """Return the name of the OAuth scheme in a document."""
    schemes: Json = document.get("components", {}).get("securitySchemes", {})
    return next(
        (name for name, scheme in schemes.items() if "authorizationCode" in scheme.get("flows", ())), None
    )


def operations_in(document: Json, item: Json) -> Json:
    """Return the operations of one path, each with all that holds for it."""
    item = resolved(document, item)
    return {method: whole(document, item, item[method]) for method in METHODS if method in item}


def whole(document: Json, item: Json, operation: Json) -> Json:
    """Return one operation with all that its path and its document say of it."""
    result = dict(operation)
    merged: dict[tuple[str, str], Json] = {}
    for source in (item.get("parameters", ()), operation.get("parameters", ())):
        for entry in source:
            told = parameter(resolved(document, entry))
            merged[told["in"], told["name"]] = told
    if merged:
        result["parameters"] = list(merged.values())
    if "requestBody" in operation:
        result["requestBody"] = resolved(document, operation["requestBody"])
    result["responses"] = {
        status: response(document, status, resolved(document, entry))
        for status, entry in operation.get("responses", {}).items()
        if status.isdigit()
    }
    usual: list[Json] = document.get("security", [])
    security: list[Json] = operation.get("security", usual)
    named = oauth_name(document)
    told_scopes = [{"oauth2": entry[named]} for entry in security if named in entry] if named else []
    result.pop("security", None)
    if any(entry["oauth2"] for entry in told_scopes) or ("security" in operation and told_scopes):
        result["security"] = told_scopes
    return result


def parameter(source: Json) -> Json:
    """Return a parameter with its schema and whether it is required."""
    content: Json = source.get("content", {})
    schema: Json = source.get("schema") or next((media.get("schema", {}) for media in content.values()), {})
    return {
        "name": source["name"],
        "in": source["in"],
        "required": source.get("required", False),
        "schema": schema or {"type": "string"},
    }


def response(document: Json, status: str, source: Json) -> Json:
    """Return a response; the schema of an error is told in place, for its codes are read from there."""
    content = {media: entry for media, entry in source.get("content", {}).items() if "schema" in entry}
    if is_failure(status):
        content = {media: {"schema": resolved(document, entry["schema"])} for media, entry in content.items()}
    return {"content": content} if content else {}


def resolved(document: Json, part: Json) -> Json:
    """Return the part itself, wherever in the document it is."""
    seen: set[str] = set()
    while isinstance(reference := part.get("$ref"), str):
        if reference in seen or not reference.startswith("#/"):
            raise BuildError(f"the description refers to {reference}, which leads nowhere")
        seen.add(reference)
        try:
            holder, key = locate(document, reference.removeprefix("#"))
        except (KeyError, IndexError, ValueError, TypeError):
            raise BuildError(f"the description refers to {reference}, which leads nowhere") from None
        part = holder[key]
    return part


def name_values(schemas: Json) -> None:
    """Make a component of each kind of value as it is read, where the description only has their union."""
    union: Any = schemas.get("output-value", {})
    if any(name.startswith("value-output-") for name in schemas):
        return
    for member in [*union.get("anyOf", ()), *union.get("oneOf", ())]:
        kind: Json = member.get("properties", {}).get("attribute_type", {})
        told = [*kind.get("enum", ()), *([kind["const"]] if "const" in kind else [])]
        if len(told) == 1 and not member.get("$ref", "").startswith(REFERENCE):
            schemas.setdefault(f"value-output-{told[0]}", member)
