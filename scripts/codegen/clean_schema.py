"""Take the structure out of a description of the API: no prose, our names, free-form attribute values."""

from typing import Any

from codegen.facts import BuildError, Json, pascal

REFERENCE = "#/components/schemas/"
STRUCTURE = {
    *("type", "format", "pattern", "enum", "default", "items", "prefixItems", "additionalProperties"),
    *("anyOf", "oneOf", "allOf", "not", "deprecated", "readOnly", "writeOnly"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
}
"""What is kept of a schema; whatever else it says is prose or of no use here."""
FREE_VALUES = {"values", "entry_values"}
VALUE_NAMES = ("Value", "Input")
"""How our names of the kinds of values end, as read and as written."""
VALUE_UNIONS = {"attribute-value", "output-value", "input-value"}
FREE_MAP: Json = {"type": "object", "additionalProperties": True}
NULL: Json = {"type": "null"}


_RENAMED = {"file": "StoredFile", "attribute": "AttributeDescription"}  # our own classes have the plain names


def component_name(name: str) -> str:
    """Our name of one of the description's components: `value-output-text` is `TextValue`."""
    for prefix, suffix in (("value-output-", "Value"), ("value-input-", "Input")):
        if name.startswith(prefix):
            return pascal(name.removeprefix(prefix)) + suffix
    return _RENAMED.get(name) or pascal(name)


def clean(schema: Any) -> Any:
    """Return a copy of a schema without prose, with our component names, and with attribute values left free-form."""
    if isinstance(schema, list):
        return [clean(child) for child in schema]
    if not isinstance(schema, dict):
        return schema
    result = referred(schema["$ref"]) if "$ref" in schema else structure(schema)
    if schema.get("nullable") is True:
        return nullable(result)
    return result


def referred(reference: str) -> Json:
    """Return a reference to one of our components; a union of attribute values is anything."""
    name = reference.removeprefix(REFERENCE)
    if not reference.startswith(REFERENCE) or "/" in name:
        raise BuildError(f"the description refers to {reference}, which is not a component")
    return {} if name in VALUE_UNIONS else {"$ref": REFERENCE + component_name(name)}


def structure(schema: Json) -> Json:
    """Return the structure of one schema, of OpenAPI 3.0 or 3.1, as 3.1 says it."""
    result: Json = {}
    for key, child in schema.items():
        if key == "properties":
            result[key] = {name: clean_property(name, inner) for name, inner in child.items() if known(name)}
        elif key == "required" and isinstance(child, list):
            result[key] = [name for name in child if known(name)]
        elif key == "discriminator":
            result[key] = {"propertyName": child["propertyName"]}
        elif key == "const":
            result["enum"] = [child]
        elif key in {"exclusiveMinimum", "exclusiveMaximum"} and isinstance(child, bool):
            continue
        elif key == "enum":
            result[key] = list(child)
        elif key in STRUCTURE:
            result[key] = clean(child)
    for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(name) is True and bound in result:
            result[name] = result.pop(bound)
    if not all(known(name) for name in schema.get("properties", ())):
        result["additionalProperties"] = True
    return result


def nullable(schema: Json) -> Json:
    """Return the schema of the same thing or null, where OpenAPI 3.0 says `nullable`."""
    parts: list[Json] = schema.get("allOf", [])
    inner = parts[0] if len(parts) == 1 and schema.keys() == {"allOf"} else schema
    if "type" not in inner:
        members = inner["anyOf"] if inner.keys() == {"anyOf"} else [inner]
        return {"anyOf": [*members, *([] if NULL in members else [dict(NULL)])]}
    kinds = inner["type"] if isinstance(inner["type"], list) else [inner["type"]]
    result = {**inner, "type": [*kinds, *([] if "null" in kinds else ["null"])]}
    if "enum" in inner and None not in inner["enum"]:
        result["enum"] = [*inner["enum"], None]
    return result


def known(name: str) -> bool:
    """Return True if this is a property's name; `[slug_or_id_of_matching_attribute]` stands for any."""
    return not name.startswith("[")


def clean_property(name: str, schema: Any) -> Any:
    """As `clean`; a map of attribute slugs to lists of values becomes any map, for a bare value is taken too."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return dict(FREE_MAP) if name in FREE_VALUES and "additionalProperties" in schema else clean(schema)
