"""Turn openapi/attio.json into a document that the generator understands as we mean it.

- Only operations, the bodies they take and the small things they answer with remain: no records, entries or events
  (their parts are free-form), no error bodies, no responses.
- Bodies become flat: scalars stay typed, whatever is nested is any JSON, so that ready-made dicts can be passed. Their
  classes allow no additional properties, which is how the templates tell them from what is read.
- What is read becomes tolerant: enums are plain strings, and a union of objects is one object with the fields of all.
- The generator hands its templates no extensions; that a body goes inside `{"data": ...}` travels as a media type.
"""

from collections.abc import Iterator
from typing import Any

from codegen.clean_schema import REFERENCE
from codegen.facts import BuildError, Json, is_failure, operations_of

PLAIN = "application/json"
ENVELOPED = "application/data+json"
MEDIA = {
    (False, False): PLAIN,
    (True, False): ENVELOPED,
    (False, True): "application/list+json",
    (True, True): "application/data-list+json",
}
"""What tells the templates of a body, by whether it is enveloped and whether it is a list."""
LEFT_OUT = {"Record", "Entry", "ActivityRecord"}
UNIONS = ("anyOf", "oneOf", "allOf")
ANY: Json = {}


def normalise(document: Json) -> Json:
    """Return the document to generate from.

    Raises:
        BuildError: A body is not a named object, or a name is used both for what is sent and for what is received.
    """
    schemas: Json = document["components"]["schemas"]
    paths: Json = {}
    bodies: dict[str, list[str]] = {}
    answers: dict[str, list[str]] = {}
    for method, path, operation in operations_of(document):
        lean = {
            "operationId": operation["operationId"],
            "tags": operation["tags"],
            "summary": operation["summary"],
            "parameters": [parameter(p) for p in operation.get("parameters", ())],
            "responses": {"200": {"description": ""}},
        }
        if body := body_of(operation, schemas):
            schema, media = body
            if "$ref" in schema:
                bodies.setdefault(name_of(schema), []).append(operation["operationId"])
            content = {media: {"schema": schema}}
            lean["requestBody"] = {"required": True, "content": content}
        for name in answered(operation):
            answers.setdefault(name, []).append(operation["operationId"])
        paths.setdefault(path, {})[method.lower()] = lean
    components: Json = {}
    for name, operations in bodies.items():
        components[name] = {
            "description": told("The body of", operations),
            **flat_body(merged(name, schemas), schemas),
        }
    for name, schema in answer_models(answers.keys() - LEFT_OUT, schemas):
        if name in bodies:
            raise BuildError(f"{name} is both sent and received; name the two places apart under [schemas]")
        operations = answers.get(name, [])
        whence = told("An answer of", operations) if operations else "A part of an answer."
        components[name] = {"description": whence, **schema}
    for name in sorted(references([paths, components])):
        if "enum" in schemas[name]:
            components[name] = {"type": "string", "enum": schemas[name]["enum"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "attio_async_api", "version": document["info"]["version"]},
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
    }


def told(what: str, operations: list[str]) -> str:
    """Return the first line of a class's docstring: the operations that it belongs to."""
    return f"{what} {', '.join(operations)}."


def references(value: Any) -> set[str]:
    """Return every component that a part of a document refers to."""
    if isinstance(value, list):
        return {name for child in value for name in references(child)}
    if not isinstance(value, dict):
        return set()
    own = {name_of(value)} if isinstance(value.get("$ref"), str) else set()
    return own | {name for child in value.values() for name in references(child)}


def parameter(source: Json) -> Json:
    """Return a parameter by its bare type; no default is sent that the API applies by itself."""
    schema: Json = source["schema"]
    if "$ref" in schema:
        bare = schema
    else:
        told = schema.get("type", "string")
        kinds = told if isinstance(told, list) else [told]
        bare = {"type": next((kind for kind in kinds if kind != "null"), "string")}
    return {"name": source["name"], "in": source["in"], "required": source["required"], "schema": bare}


def body_of(operation: Json, schemas: Json) -> tuple[Json, str] | None:
    """Return the component of a JSON body, or of its items, and the media type for the templates.

    A form is left to the caller.
    """
    media: Json = operation.get("requestBody", {}).get("content", {})
    if PLAIN not in media:
        return None
    schema: Json = media[PLAIN]["schema"]
    enveloped = "data" in schema.get("properties", {})
    inner = schema["properties"]["data"] if enveloped else schema
    whole: Json = schemas[name_of(inner)] if "$ref" in inner else inner
    is_list = whole.get("type") == "array"
    if is_list:
        inner = whole.get("items", {})
        if "$ref" not in inner or not has_fields(inner, schemas):
            return ANY, MEDIA[enveloped, is_list]
    if "$ref" not in inner:
        raise BuildError(f"{operation['operationId']}: its body has no name; add one under [schemas]")
    return inner, MEDIA[enveloped, is_list]


def has_fields(reference: Json, schemas: Json) -> bool:
    """Return True if a component is an object of known fields, or a union of such."""
    return "properties" in merged(name_of(reference), schemas)


def answered(operation: Json) -> Iterator[str]:
    """Yield the components an operation answers with, one or a list of them."""
    for status, response in operation["responses"].items():
        for content in response.get("content", {}).values() if not is_failure(status) else ():
            schema: Json = content["schema"]
            data = schema.get("properties", {}).get("data", schema)
            item = data.get("items", data)
            if "$ref" in item:
                yield name_of(item)


def name_of(reference: Json) -> str:
    """Return the component a reference leads to."""
    name: str = reference["$ref"]
    return name.removeprefix(REFERENCE)


def merged(name: str, schemas: Json) -> Json:
    """Return the component as one object: a union has the fields of all its members and requires those all require."""
    return merge(schemas[name], schemas)


def merge(schema: Json, schemas: Json) -> Json:
    """See `merged`; `allOf` requires what any of its parts requires."""
    if "$ref" in schema:
        return merged(name_of(schema), schemas)
    for kind in UNIONS:
        if kind in schema:
            parts = [merge(part, schemas) for part in schema[kind]]
            properties: Json = {}
            for part in parts:
                for key, child in part.get("properties", {}).items():
                    properties[key] = either(properties[key], child) if key in properties else child
            required = [set(part.get("required", ())) for part in parts]
            always = set.union(*required) if kind == "allOf" else set.intersection(*required)
            return {
                "type": "object",
                "properties": properties,
                "required": [k for k in properties if k in always],
            }
    return schema


def either(one: Json, other: Json) -> Json:
    """Return the schema of a property that two members of a union share: their enums together, else the first one."""
    if "enum" in one and "enum" in other:
        return {
            **one,
            "enum": [*one["enum"], *(value for value in other["enum"] if value not in one["enum"])],
        }
    return {key: value for key, value in one.items() if key != "enum"}


def flat_body(schema: Json, schemas: Json) -> Json:
    """Return a body whose nested parts are any JSON."""
    properties = {key: flat(child, schemas) for key, child in schema["properties"].items()}
    required = schema.get("required", [])
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def flat(schema: Json, schemas: Json) -> Json:
    """Return a scalar or a list of scalars by its bare type, anything else as any JSON."""
    if "$ref" in schema:
        return schema if "enum" in schemas[name_of(schema)] else ANY
    if len(members := schema.get("anyOf", ())) == 2 and members[1] == {"type": "null"}:
        inner = flat(members[0], schemas)
        return {"anyOf": [inner, members[1]]} if inner else ANY
    kinds = schema.get("type", "object")
    plain = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
    if plain == ["array"]:
        return {"type": kinds, "items": flat(schema["items"], schemas)}
    if plain == ["object"] or len(plain) != 1:
        return ANY
    if plain == ["string"] and "enum" in schema:
        return {"type": kinds, "enum": schema["enum"]}
    return {"type": kinds}


def answer_models(names: set[str], schemas: Json) -> Iterator[tuple[str, Json]]:
    """Yield every object reached from what operations answer with, each in its tolerant form."""
    waiting = sorted(names)
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        whole = merged(name, schemas)
        found: set[str] = set()
        properties = {key: tolerant(key, child, schemas, found) for key, child in whole["properties"].items()}
        yield name, {"type": "object", "properties": properties, "required": whole.get("required", [])}
        waiting.extend(sorted(found))


def tolerant(name: str, schema: Json, schemas: Json, found: set[str]) -> Json:
    """Return a property as it is read: no enums, moments as date-times; `found` gathers the components it refers to."""
    if "$ref" in schema:
        target = name_of(schema)
        if "enum" in schemas[target]:
            return tolerant(name, schemas[target], schemas, found)
        found.add(target)
        return schema
    if any(kind in schema for kind in UNIONS):
        return optional(schema, schemas, found)
    kinds: Any = schema.get("type", "object")
    plain = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
    if plain == ["array"]:
        return {"type": kinds, "items": tolerant(name, schema["items"], schemas, found)}
    if plain == ["object"]:
        return ANY
    if plain == ["string"] and (
        name.endswith("_at") or name == "datetime" or schema.get("format") == "date-time"
    ):
        return {"type": kinds, "format": "date-time"}
    return {"type": kinds}


def optional(schema: Json, schemas: Json, found: set[str]) -> Json:
    """Return a component or null as just that; any other union as any JSON."""
    members = [member for kind in UNIONS for member in schema.get(kind, ())]
    real = [member for member in members if member.get("type") != "null"]
    if len(real) == 1 and "$ref" in real[0]:
        inner = tolerant("", real[0], schemas, found)
        return {"anyOf": [inner, {"type": "null"}]}
    return ANY
