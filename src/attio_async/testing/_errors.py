"""The error responses of the API, with the bodies it documents. The messages imitate those of the API."""

from collections.abc import Mapping, Sequence
from typing import Any

from .._utils.public import public

Issue = dict[str, Any]
"""One entry of `validation_errors`: code, path, message and the fields of its code."""

Path = Sequence[str | int]
"""The place of an issue in a body or value: names of keys, and positions in arrays."""


@public
class ApiProblem(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        code: Attio's error code.
        message: The message for people.
        type: Attio's error type.
        extra: Further keys of the body.
        retry_at: The Unix time for the header Retry-After.
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
        self.body: dict[str, Any] = {
            "status_code": status,
            "type": type,
            "code": code,
            "message": message,
            **(extra or {}),
        }


class InvalidValue(ValueError):
    """A value that does not fit its attribute; `issues` have paths inside the value."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(str(issue["message"]) for issue in issues))
        self.issues = issues

    def at(self, path: Path) -> list[Issue]:
        """Return the issues with their paths below another one."""
        return [{**issue, "path": [*path, *issue["path"]]} for issue in self.issues]


# Issues


def received(value: object) -> str:
    """Return the type of a JSON value as the API names it."""
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


def wrong_type(path: Path, expected: str, value: object) -> Issue:
    """Return the issue of a value of the wrong JSON type."""
    got = received(value)
    return {
        "code": "invalid_type",
        "path": list(path),
        "message": f"Expected {expected}, received {got}",
        "expected": expected,
        "received": got,
    }


def missing(path: Path, expected: str) -> Issue:
    """Return the issue of a required key that is missing."""
    return {
        "code": "invalid_type",
        "path": list(path),
        "message": "Required",
        "expected": expected,
        "received": "undefined",
    }


def unrecognized(path: Path, keys: Sequence[str]) -> Issue:
    """Return the issue of unknown keys."""
    names = ", ".join(repr(key) for key in keys)
    return {
        "code": "unrecognized_keys",
        "path": list(path),
        "message": f"Unrecognized key(s) in object: {names}",
        "keys": list(keys),
    }


def invalid(path: Path, message: str) -> Issue:
    """Return the issue of a value of the right type that is invalid."""
    return {"code": "invalid", "path": list(path), "message": message}


def invalid_input(path: Path) -> Issue:
    """Return the issue of a value that is missing, or fits no member of a union: the API does not say which or why."""
    return invalid(path, "Invalid input")


def invalid_option(path: Path, options: Sequence[str], value: object) -> Issue:
    """Return the issue of a text that is not one of the options."""
    expected = " | ".join(map(repr, options))
    return {
        "code": "invalid_option",
        "path": list(path),
        "message": f"Invalid enum value. Expected {expected}, received {value!r}",
        "options": list(options),
    }


# Problems


def invalid_body(*issues: Issue, status: int = 400) -> ApiProblem:
    """400: the body does not have the shape of the operation."""
    extra = {"validation_errors": list(issues)}
    return ApiProblem(status, "validation_type", "Body payload validation error.", extra=extra)


def invalid_parameters(*issues: Issue) -> ApiProblem:
    """400: a query parameter is invalid."""
    extra = {"validation_errors": list(issues)}
    return ApiProblem(400, "validation_type", "Query parameter validation error.", extra=extra)


def invalid_value(slug: str, issues: Sequence[Issue]) -> ApiProblem:
    """400: a value does not fit its attribute."""
    message = f'An invalid value was passed to attribute with slug "{slug}".'
    return ApiProblem(400, "validation_type", message, extra={"validation_errors": list(issues)})


def value_not_found(what: str) -> ApiProblem:
    """400: something that the body or a parameter names does not exist."""
    return ApiProblem(400, "value_not_found", f"Cannot find {what}.")


def attribute_not_found(name: str) -> ApiProblem:
    """400: a value was written to an unknown attribute."""
    return value_not_found(f'attribute with slug/ID "{name}"')


def not_found(what: str) -> ApiProblem:
    """404: something that the path names does not exist."""
    return ApiProblem(404, "not_found", f"Could not find {what}.")


def merge_in_progress(record_id: str) -> ApiProblem:
    """404: a merge of the record is pending."""
    return ApiProblem(
        404, "merge_in_progress", f'A merge of the record with ID "{record_id}" is in progress.'
    )


def forbidden(message: str) -> ApiProblem:
    """403: the token may not do that."""
    return ApiProblem(403, "unauthorized", message, type="auth_error")


def protected(what: str, action: str) -> ApiProblem:
    """400: only the system may do that."""
    return ApiProblem(400, "system_edit_unauthorized", f"The {what} cannot be {action}.")


def slug_conflict(message: str) -> ApiProblem:
    """409: a slug or title is taken."""
    return ApiProblem(409, "slug_conflict", message)


def rate_limited(message: str, retry_at: float) -> ApiProblem:
    """429: a limit is used up until then."""
    return ApiProblem(429, "rate_limit_exceeded", message, type="rate_limit_error", retry_at=retry_at)


def unknown_filter_attribute(name: str, path: Sequence[str]) -> ApiProblem:
    """400: a filter names an attribute that its object or list does not have."""
    return ApiProblem(
        400,
        "unknown_filter_attribute_slug",
        f"Unknown attribute slug: {name}.",
        extra={"path": list(path)},
    )


def filter_error(message: str, path: Sequence[str] = ()) -> ApiProblem:
    """400: a filter or sort is invalid."""
    return ApiProblem(400, "filter_error", message, extra={"path": list(path)} if path else None)


def missing_extra(what: str, package: str) -> ApiProblem:
    """501: the fake needs a package that is not installed. Without it the response might be another one than with it."""
    message = f'FakeAttio needs {package} for {what}; run: pip install "attio-async[testing]"'
    return ApiProblem(501, "not_modelled", message, type="fake_error")


def not_modelled(what: str) -> ApiProblem:
    """501: the API can do it and the fake cannot yet. Never a response that might be wrong."""
    return ApiProblem(501, "not_modelled", f"FakeAttio does not model {what} yet.", type="fake_error")
