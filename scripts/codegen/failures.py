"""The error responses of the API: one component for each status and set of codes."""

from codegen.cleaning import REFERENCE, clean
from codegen.facts import BuildError, Json, pascal

RATE_LIMITED: Json = {
    "description": "Too many requests; this one was not carried out.",
    "headers": {"Retry-After": {"required": True, "schema": {"type": "string"}, "x-format": "http-date"}},
    "content": {"application/json": {"schema": {"$ref": REFERENCE + "RateLimitError"}}},
}


class ErrorResponses:
    """Error responses by name, each made when it is first asked for."""

    def __init__(self) -> None:
        """Start with the one that every operation may give."""
        self.components: Json = {"RateLimited": RATE_LIMITED}

    def reference(self, operation: str, status: str, response: Json) -> Json:
        """A reference to the response, called after its status and codes, or its operation when they are many."""
        schema: Json = response["content"]["application/json"]["schema"]
        properties: Json = schema["properties"]
        codes: list[str] = properties["code"]["enum"]
        told = "Or".join(pascal(code) for code in codes) if len(codes) <= 2 else "Of" + pascal(operation)
        usual = "status_code" in properties
        name = f"Error{status}{told}{'' if usual else 'InCamelCase'}"
        body = narrowed(properties) if usual else clean(schema)
        component: Json = {
            "description": f"{status}: {', '.join(codes)}.",
            "content": {"application/json": {"schema": body}},
        }
        if self.components.setdefault(name, component) != component:
            raise BuildError(f"{operation}: two different error bodies would be called {name}")
        return {"$ref": f"#/components/responses/{name}"}


def narrowed(properties: Json) -> Json:
    """The common error body with the values this one can have."""
    own = {key: {"enum": child["enum"]} for key, child in properties.items() if "enum" in child}
    return {"allOf": [{"$ref": REFERENCE + "Error"}, {"type": "object", "properties": own}]}
