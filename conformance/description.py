"""The responses that a description of the API allows. Formats are not checked."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ERROR = {
    "type": "object",
    "required": ["type", "code", "message"],
    "anyOf": [{"required": ["status_code"]}, {"required": ["statusCode"]}],
    "properties": {
        "status_code": {"type": "integer"},
        "statusCode": {"type": "integer"},
        "type": {"type": "string"},
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
}
"""What every refusal looks like, some of them in camel case; descriptions list only codes special to an operation."""


TOO_STRICT = ("resolved_by: null is not of type",)
"""What descriptions get wrong: a comment that nobody has resolved yet comes with null there."""


class Description:
    """An OpenAPI 3.1 document."""

    def __init__(self, file: Path) -> None:
        self._document = json.loads(file.read_text(encoding="utf-8"))
        self._validators: dict[tuple[str, str, int], Any] = {}
        self._error = jsonschema_rs.Draft202012Validator(ERROR)

    @cached_property
    def operations(self) -> list[tuple[str, str]]:
        """Method and path of every operation."""
        verbs = {"get", "post", "put", "patch", "delete"}
        return [
            (verb.upper(), path)
            for path, item in self._document["paths"].items()
            for verb in item
            if verb in verbs
        ]

    def problems(self, method: str, path: str, status: int, body: bytes) -> list[str]:
        """Return the problems of a response, a line each; none if it is as described.

        Args:
            method: In capital letters.
            path: As the document writes it, with its parameters in braces.
            status: Of the response.
            body: Of the response.
        """
        if status >= 400:
            return self._failures(self._error, json.loads(body))
        if 300 <= status < 400:
            return [] if not body else ["a redirect has no body"]
        responses = self._document["paths"][path][method.lower()]["responses"]
        if str(status) not in responses:
            return [f"status {status} is not one of {', '.join(responses)}"]
        validator = self._validator(method, path, status)
        if validator is None or status == 204:
            return [] if not body else ["there is a body"]
        return self._failures(validator, json.loads(body))

    def _validator(self, method: str, path: str, status: int) -> Any:
        key = (method, path, status)
        if key not in self._validators:
            response = self._document["paths"][path][method.lower()]["responses"][str(status)]
            schema = response.get("content", {}).get("application/json", {}).get("schema")
            whole = {"$schema": DIALECT, "components": self._document["components"], "allOf": [schema]}
            self._validators[key] = None if schema is None else jsonschema_rs.Draft202012Validator(whole)
        return self._validators[key]

    @staticmethod
    def _failures(validator: Any, value: object) -> list[str]:
        told = [
            f"{'.'.join(map(str, error.instance_path)) or 'the body'}: {error.message[:300]}"
            for error in validator.iter_errors(value)
        ]
        return [line for line in told if not any(known in line for known in TOO_STRICT)]
