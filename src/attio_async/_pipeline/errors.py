"""The exception for a response that is not a success. Pure.

Attio's own `code` decides before its `type`, and both before the HTTP status: a rejected token may come as 401 or 403,
and new codes appear without notice. The pages of https://docs.attio.com/rest-api/endpoint-reference list them.
"""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, cast

import msgspec

from attio_async_api.operations import Operation

from .. import errors
from .._transport.messages import Request, Response
from ..errors import APIError, ErrorResponse

_MAX_EXCERPT_CHARS = 200
_SECRET = re.compile(rb'("(?:secret|access_token)"\s*:\s*")(?:[^"\\]|\\.)*')
"""A secret in a body: the API shows that of a webhook once, in the response that creates it."""
_MAX_BODY_BYTES = 64 * 1024
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\battribute\b(?: with (?:ID|slug))? ["'`]([^"'`]+)["'`]""", re.IGNORECASE)
_RECORD = re.compile(rf"""\brecord\b(?: with ID)? ["'`]?({_UUID.pattern})""", re.IGNORECASE)
_ROWS = frozenset({"records", "entries", "activities"})
"""The areas of the API that write values of attributes."""

_SCOPE = re.compile(r"\bscopes?\b", re.IGNORECASE)

_BY_CODE: Mapping[str, type[APIError]] = {
    "billing_error": errors.BillingLimit,
    "concurrent_write_conflict": errors.Conflict,
    "limit_reached": errors.BillingLimit,
    "merge_in_progress": errors.MergeInProgress,
    "multiple_match_results": errors.MultipleMatches,
    "not_found": errors.NotFound,
    "quota_exceeded": errors.BillingLimit,
    "rate_limit_exceeded": errors.RateLimited,
    "slug_conflict": errors.Conflict,
    "uniqueness_conflict": errors.UniquenessConflict,
    "unknown_filter_attribute_slug": errors.ValueNotFound,
    "value_not_found": errors.ValueNotFound,
}

_SCORED = frozenset({"query_entries", "query_records"})

_BY_STATUS: Mapping[int, type[APIError]] = {
    401: errors.AuthenticationFailed,
    402: errors.BillingLimit,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    409: errors.Conflict,
    429: errors.RateLimited,
}


def to_error(
    operation: Operation,
    request: Request,
    response: Response,
    *,
    retry_after: float | None = None,
    cls: type[APIError] | None = None,
) -> APIError:
    """Return the exception for a response with a status other than 2xx; `cls` overrides its class."""
    body = _decoded(response.body)
    error_type, code = _text(body.get("type")), _text(body.get("code"))
    attio_message = _text(body.get("message"))
    message = attio_message or excerpt(response.body) or "an empty body"
    cls = cls or _class_for(response.status, error_type, code, attio_message or "")
    special = _SPECIAL.get(cls)
    validation = body.get("validation_errors")
    return cls(
        message,
        **(special(operation, message, retry_after) if special else {}),
        status=response.status,
        type=error_type,
        code=code,
        validation_errors=_mappings(validation),
        method=request.method,
        path=request.path,
        attempts=response.attempts,
        response=ErrorResponse(
            response.status, response.headers, _without_secrets(response.body)[:_MAX_BODY_BYTES]
        ),
    )


def excerpt(body: bytes) -> str:
    """Return the beginning of a body for a message, without secrets.

    Control characters and runs of spaces become one space.
    """
    start = _without_secrets(body[: 4 * _MAX_EXCERPT_CHARS]).decode("utf-8", "replace")
    text = " ".join("".join(char if char.isprintable() else " " for char in start).split())
    return text if len(text) <= _MAX_EXCERPT_CHARS else text[: _MAX_EXCERPT_CHARS - 1] + "…"


def _without_secrets(body: bytes) -> bytes:
    return _SECRET.sub(b"\\1" + "…".encode(), body)


def _class_for(status: int, error_type: str | None, code: str | None, message: str) -> type[APIError]:
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if error_type == "auth_error":
        lacks_scope = status == HTTPStatus.FORBIDDEN or _SCOPE.search(message)
        return errors.PermissionDenied if lacks_scope else errors.AuthenticationFailed
    if error_type == "rate_limit_error":
        return errors.RateLimited
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return errors.ServerError
    return errors.BadRequest if status >= HTTPStatus.BAD_REQUEST else APIError


def _permission(operation: Operation, _message: str, _retry_after: float | None) -> dict[str, Any]:
    return {"required_scopes": operation.scopes, "token_levels": operation.token_levels}


def _conflict(operation: Operation, message: str, _retry_after: float | None) -> dict[str, Any]:
    if operation.tag not in _ROWS:  # such as a webhook, which has no attributes
        return {}
    # The value, which the message quotes first, may contain anything: the last match is the API's own.
    attributes, records = _ATTRIBUTE.findall(message), _RECORD.findall(message)
    return {
        "attribute": attributes[-1] if attributes else None,
        "conflicting_record_id": records[-1].lower() if records else None,
    }


def _rate_limited(operation: Operation, _message: str, retry_after: float | None) -> dict[str, Any]:
    return {"retry_after": retry_after, "limit": _limit(operation)}


def _limit(operation: Operation) -> str:
    """Return, in words, the narrowest rate limit of an operation.

    https://docs.attio.com/rest-api/how-to/rate-limiting
    """
    if operation.rate is not None:
        return f"{operation.rate:g} per second on {operation.id}"
    if operation.access == "write":
        return "25 writes per second"
    scores = ", or the scores of queries in 10 s" if operation.id in _SCORED else ""
    return f"100 reads per second{scores}"


_SPECIAL: Mapping[type[APIError], Callable[[Operation, str, float | None], dict[str, Any]]] = {
    errors.PermissionDenied: _permission,
    errors.RateLimited: _rate_limited,
    errors.UniquenessConflict: _conflict,
}


def _decoded(body: bytes) -> Mapping[str, Any]:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # HTML of a proxy, cut short, empty
        return {}
    return cast("Mapping[str, Any]", decoded) if isinstance(decoded, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mappings(value: object) -> tuple[Mapping[str, Any], ...]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(cast("Mapping[str, Any]", item) for item in items if isinstance(item, dict))
