"""The error responses of the API: one component for each status and set of codes."""

from codegen.clean_schema import REFERENCE, clean
from codegen.facts import KNOWN, BuildError, Json, pascal

ERROR: Json = {"$ref": REFERENCE + "Error"}
RATE_LIMITED: Json = {
    "description": "Too many requests; this one was not carried out.",
    "headers": {"Retry-After": {"required": True, "schema": {"type": "string"}, "x-format": "http-date"}},
    "content": {"application/json": {"schema": {"$ref": REFERENCE + "RateLimitError"}}},
}


OTHER: Json = {
    "description": "Any other refusal, such as of a body or a parameter that makes no sense, or a failure of the server.",
    "content": {"application/json": {"schema": ERROR}},
}


class ErrorResponses:
    """Error responses by name, each made when it is first asked for."""

    def __init__(self) -> None:
        """Start with those that every operation may give."""
        self.components: Json = {"OtherError": OTHER, "RateLimited": RATE_LIMITED}

    def reference(self, operation: str, status: str, response: Json) -> Json:
        """Return a reference to the response, called after its status and codes, or its operation when they are many."""
        schema: Json = response.get("content", {}).get("application/json", {}).get("schema", {})
        properties: Json = schema.get("properties", {})
        codes = codes_of(properties.get("code", {}))
        told = "Or".join(pascal(code) for code in codes) if len(codes) <= 2 else "Of" + pascal(operation)
        usual = "statusCode" not in properties
        name = f"Error{status}{told}{'' if usual else 'InCamelCase'}"
        body = narrowed(properties) if usual else opened(clean(schema))
        component: Json = {
            "description": f"{status}: {', '.join(codes)}." if codes else f"{status}.",
            "content": {"application/json": {"schema": body}},
        }
        if self.components.get(name, component) != component:
            name = f"Error{status}Of{pascal(operation)}"
        if self.components.setdefault(name, component) != component:
            raise BuildError(f"{operation}: two different error bodies would be called {name}")
        return {"$ref": f"#/components/responses/{name}"}


def codes_of(schema: Json) -> list[str]:
    """Return the codes an error can have, as far as they are told."""
    return [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]


def narrowed(properties: Json) -> Json:
    """Return the common error body with the values this one can have."""
    cleaned = {key: clean(child) for key, child in properties.items()}
    own = {
        key: {KNOWN if key == "code" else "enum": child["enum"]}
        for key, child in cleaned.items()
        if "enum" in child
    }
    return {"allOf": [ERROR, {"type": "object", "properties": own}]} if own else dict(ERROR)


def opened(schema: Json) -> Json:
    """Return the body with room for codes nobody has told of."""
    code: Json = schema.get("properties", {}).get("code", {})
    if "enum" in code:
        code[KNOWN] = code.pop("enum")
    return schema
