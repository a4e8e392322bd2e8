"""Takes the structure out of a description of the API: no prose, our names, free-form attribute values."""

from typing import Any

from codegen.facts import Json, pascal

REFERENCE = "#/components/schemas/"
PROSE = {"description", "summary", "title", "example", "examples", "externalDocs"}
FREE_VALUES = {"values", "entry_values"}
VALUE_UNIONS = {"attribute-value", "output-value", "input-value"}
FREE_MAP: Json = {"type": "object", "additionalProperties": True}


def component_name(name: str) -> str:
    """Our name of one of the description's components: `value-output-text` is `TextValue`."""
    for prefix, suffix in (("value-output-", "Value"), ("value-input-", "Input")):
        if name.startswith(prefix):
            return pascal(name.removeprefix(prefix)) + suffix
    return pascal(name)


def clean(schema: Any) -> Any:
    """A copy of a schema without prose, with our component names, and with attribute values left free-form."""
    if isinstance(schema, list):
        return [clean(child) for child in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return {} if name in VALUE_UNIONS else {"$ref": REFERENCE + component_name(name)}
    result: Json = {}
    for key, child in schema.items():
        if key == "properties":
            result[key] = {name: clean_property(name, inner) for name, inner in child.items() if known(name)}
        elif key == "required":
            result[key] = [name for name in child if known(name)]
        elif key == "discriminator":
            result[key] = {"propertyName": child["propertyName"]}
        elif key not in PROSE:
            result[key] = clean(child)
    if not all(known(name) for name in schema.get("properties", ())):
        result["additionalProperties"] = True
    return result


def known(name: str) -> bool:
    """Whether this is a property's name; `[slug_or_id_of_matching_attribute]` stands for any."""
    return not name.startswith("[")


def clean_property(name: str, schema: Json) -> Any:
    """As `clean`; a map of attribute slugs to lists of values becomes any map, for a bare value is taken too."""
    return dict(FREE_MAP) if name in FREE_VALUES and "additionalProperties" in schema else clean(schema)
