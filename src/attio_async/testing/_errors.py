"""The refusals of the API, with the bodies it documents."""

from collections.abc import Mapping, Sequence
from typing import Any

Issue = dict[str, Any]
"""One entry of `validation_errors`: code, path, message and what else belongs to the code."""


class ApiProblem(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        code: Attio's error code.
        message: A sentence for people.
        type: Attio's error type.
        extra: Further keys of the body.
        retry_at: Unix time for the header Retry-After.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        type: str = "invalid_request_error",
        extra: Mapping[str, Any] | None = None,
        retry_at: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_at = retry_at
        self.body = {"status_code": status, "type": type, "code": code, "message": message, **(extra or {})}


class InvalidValue(ValueError):
    """A value that does not fit its attribute; `issues` says where inside the value."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(str(issue["message"]) for issue in issues))
        self.issues = issues


def received(value: object) -> str:
    """What the API calls the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def wrong_type(path: Sequence[str], expected: str, value: object) -> Issue:
    """The issue of a value of the wrong JSON type."""
    got = received(value)
    return {
        "code": "invalid_type",
        "path": list(path),
        "message": f"Expected {expected}, received {got}",
        "expected": expected,
        "received": got,
    }


def missing(path: Sequence[str], expected: str) -> Issue:
    """The issue of a key that has to be there."""
    return {
        "code": "invalid_type",
        "path": list(path),
        "message": "Required",
        "expected": expected,
        "received": "undefined",
    }


def unrecognized(path: Sequence[str], keys: Sequence[str]) -> Issue:
    """The issue of keys nobody knows."""
    names = ", ".join(repr(key) for key in keys)
    return {
        "code": "unrecognized_keys",
        "path": list(path),
        "message": f"Unrecognized key(s) in object: {names}",
        "keys": list(keys),
    }


def invalid(path: Sequence[str], message: str) -> Issue:
    """The issue of a value of the right type that cannot be taken."""
    return {"code": "invalid", "path": list(path), "message": message}


def invalid_option(path: Sequence[str], options: Sequence[str], value: object) -> Issue:
    """The issue of a text that is none of those that can be."""
    expected = " | ".join(map(repr, options))
    return {
        "code": "invalid_option",
        "path": list(path),
        "message": f"Invalid enum value. Expected {expected}, received {value!r}",
        "options": list(options),
    }


def invalid_body(*issues: Issue) -> ApiProblem:
    """400: the body does not have the shape of the operation."""
    return ApiProblem(
        400, "validation_type", "Body payload validation error.", extra={"validation_errors": list(issues)}
    )


def invalid_parameters(*issues: Issue) -> ApiProblem:
    """400: a query parameter cannot be read."""
    return ApiProblem(
        400, "validation_type", "Query parameter validation error.", extra={"validation_errors": list(issues)}
    )


def invalid_value(slug: str, issues: Sequence[Issue]) -> ApiProblem:
    """400: a value does not fit its attribute."""
    message = f'An invalid value was passed to attribute with slug "{slug}".'
    return ApiProblem(400, "validation_type", message, extra={"validation_errors": list(issues)})


def value_not_found(what: str) -> ApiProblem:
    """400: something that the body or a parameter names does not exist."""
    return ApiProblem(400, "value_not_found", f"Cannot find {what}.")


def attribute_not_found(name: str) -> ApiProblem:
    """400: a value was written to an attribute nobody knows."""
    return value_not_found(f'attribute with slug/ID "{name}"')


def not_found(what: str) -> ApiProblem:
    """404: something that the path names does not exist."""
    return ApiProblem(404, "not_found", f"Could not find {what}.")


def merge_in_progress(record_id: str) -> ApiProblem:
    """404: a merge that concerns the record is still being applied."""
    return ApiProblem(
        404, "merge_in_progress", f'A merge of the record with ID "{record_id}" is in progress.'
    )


def slug_conflict(message: str) -> ApiProblem:
    """409: a slug or title is taken."""
    return ApiProblem(409, "slug_conflict", message)


def unknown_filter_attribute(name: str, path: Sequence[str]) -> ApiProblem:
    """400: a filter asks for an attribute that its object or list does not have."""
    return ApiProblem(
        400,
        "unknown_filter_attribute_slug",
        f"Unknown attribute slug: {name}.",
        extra={"path": list(path)},
    )


def filter_error(message: str, path: Sequence[str] = ()) -> ApiProblem:
    """400: a filter or sort that makes no sense."""
    return ApiProblem(400, "filter_error", message, extra={"path": list(path)} if path else None)


def not_modelled(what: str) -> ApiProblem:
    """501: the API can do it and the fake cannot yet. Never an answer that might be wrong."""
    return ApiProblem(501, "not_modelled", f"FakeAttio does not model {what} yet.", type="fake_error")
