"""The exception for each response that is not a success."""

import json
from typing import Any

from hypothesis import given, strategies as st

from attio_async import errors
from attio_async._pipeline.errors import excerpt, to_error
from attio_async._transport.messages import Request, Response
from attio_async.errors import (
    APIError,
    PermissionDenied,
    RateLimited,
    UniquenessConflict,
)
from attio_async_api.operations import (
    CREATE_RECORD,
    GET_RECORD,
    QUERY_ENTRIES,
    QUERY_RECORDS,
    RUN_SQL,
    Operation,
)

ID = "99A03FF3-0435-47da-95cc-76b2caeb4dab"


def error_for(status: int, body: object = b"", operation: Operation = GET_RECORD, **options: Any) -> APIError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(method=operation.method, path="/v2/some/thing")
    headers = {"x-attio-execution-id": "ab12"}
    return to_error(
        operation, request, Response(status=status, headers=headers, body=content, attempts=3), **options
    )


def body_of(
    code: str | None = None, type: str | None = None, message: str | None = "No.", **more: Any
) -> dict[str, Any]:
    return {"code": code, "type": type, "message": message, **more}


INPUT = "invalid_request_error"
DOCUMENTED = [
    (400, body_of("validation_type", INPUT), errors.BadRequest),
    (413, body_of("validation_type", INPUT), errors.BadRequest),
    (400, body_of("missing_value", INPUT), errors.BadRequest),
    (400, body_of("filter_error", INPUT), errors.BadRequest),
    (400, body_of("immutable_value", INPUT), errors.BadRequest),
    (400, body_of("self_merge", INPUT), errors.BadRequest),
    (400, body_of("system_edit_unauthorized", INPUT), errors.BadRequest),
    (400, body_of("value_not_found", INPUT), errors.ValueNotFound),
    (404, body_of("value_not_found", INPUT), errors.ValueNotFound),
    (400, body_of("unknown_filter_attribute_slug", INPUT), errors.ValueNotFound),
    (400, body_of("multiple_match_results", INPUT), errors.MultipleMatches),
    (400, body_of("merge_in_progress", INPUT), errors.MergeInProgress),
    (404, body_of("merge_in_progress", INPUT), errors.MergeInProgress),
    (404, body_of("not_found", INPUT), errors.NotFound),
    (400, body_of("uniqueness_conflict", INPUT), errors.UniquenessConflict),
    (409, body_of("uniqueness_conflict", INPUT), errors.UniquenessConflict),
    (409, body_of("slug_conflict", INPUT), errors.Conflict),
    (409, body_of("concurrent_write_conflict", INPUT), errors.Conflict),
    (400, body_of("limit_reached", INPUT), errors.BillingLimit),
    (400, body_of("quota_exceeded", INPUT), errors.BillingLimit),
    (403, body_of("quota_exceeded", "auth_error"), errors.BillingLimit),
    (403, body_of("billing_error", "auth_error"), errors.BillingLimit),
    (403, body_of("unauthorized", "auth_error"), errors.PermissionDenied),
    (401, body_of("unauthorized", "auth_error"), errors.AuthenticationFailed),
    (401, body_of("unauthorized", "auth_error", "Missing scopes."), errors.PermissionDenied),
    (400, body_of("unauthorized", "auth_error"), errors.AuthenticationFailed),
    (429, body_of("rate_limit_exceeded", "rate_limit_error"), errors.RateLimited),
    (503, body_of(None, "rate_limit_error"), errors.RateLimited),
]  # fmt: skip
ONLY_STATUS = [
    (199, errors.APIError),
    (304, errors.APIError),
    (400, errors.BadRequest),
    (401, errors.AuthenticationFailed),
    (402, errors.BillingLimit),
    (403, errors.PermissionDenied),
    (404, errors.NotFound),
    (408, errors.ServerError),
    (409, errors.Conflict),
    (418, errors.BadRequest),
    (429, errors.RateLimited),
    (500, errors.ServerError),
    (599, errors.ServerError),
]


def test_code_and_type_decide_before_the_status() -> None:
    found = {(status, str(body)): type(error_for(status, body)) for status, body, _ in DOCUMENTED}
    assert found == {(status, str(body)): cls for status, body, cls in DOCUMENTED}


def test_the_status_decides_if_code_and_type_are_unknown() -> None:
    for body in (b"", b"<html>", b"[]", body_of("brand_new", "brand_new")):
        assert {status: type(error_for(status, body)) for status, _ in ONLY_STATUS} == dict(ONLY_STATUS)


def test_an_error_has_the_details_of_its_response() -> None:
    validation = [{"code": "invalid_type", "path": ["data"], "message": "Required"}, "odd"]
    error = error_for(400, body_of("validation_type", INPUT, validation_errors=validation))
    assert (error.status, error.type, error.code, error.message) == (400, INPUT, "validation_type", "No.")
    assert (error.method, error.path, error.attempts) == ("GET", "/v2/some/thing", 3)
    assert error.execution_id == "ab12"
    assert error.validation_errors == (validation[0],)


def test_the_body_replaces_a_missing_message() -> None:
    assert error_for(500, b"<html>\n  <b>Bad</b>\x00\x1b[1m</html>").message == "<html> <b>Bad</b> [1m</html>"
    assert error_for(500, b"").message == "an empty body"
    assert error_for(500, {"message": 3}).message == '{"message": 3}'


def test_a_given_class_is_used() -> None:
    assert type(error_for(429, b"", cls=errors.QueryTooComplex)) is errors.QueryTooComplex


LIVE_CONFLICT = (
    r'The value "{\"email_address\":\"ada@example.com\"}" provided for attribute with %s conflicts with one already in '
    "the system."
)


def test_a_conflict_has_the_attribute_and_the_record_of_its_message() -> None:
    for message, attribute, record in (
        (f'Conflict on attribute with slug "domains": record with ID "{ID}" has it.', "domains", ID.lower()),
        (f"Conflict on attribute `badge` with record {ID}.", "badge", ID.lower()),
        ("The value is taken.", None, None),
        (LIVE_CONFLICT % f'ID "{ID.lower()}"', ID.lower(), None),
        (LIVE_CONFLICT % 'slug "email_addresses"', "email_addresses", None),
        (f'The webhook with ID "{ID}" already reports the same.', None, None),
        (f'Record "{ID}" has it.', None, ID.lower()),
    ):
        error = error_for(400, body_of("uniqueness_conflict", message=message))
        assert isinstance(error, UniquenessConflict)
        assert (error.attribute, error.conflicting_record_id) == (attribute, record), message


def test_a_missing_permission_names_the_required_scopes() -> None:
    error = error_for(403, body_of("unauthorized", "auth_error"), CREATE_RECORD)
    assert isinstance(error, PermissionDenied)
    assert error.required_scopes == CREATE_RECORD.scopes
    assert error.granted_scopes is None


def test_a_429_names_its_limit() -> None:
    for operation, limit in (
        (RUN_SQL, "2 per second on run_sql"),
        (CREATE_RECORD, "25 writes per second"),
        (GET_RECORD, "100 reads per second"),
        (QUERY_RECORDS, "100 reads per second, or the scores of queries in 10 s"),
        (QUERY_ENTRIES, "100 reads per second, or the scores of queries in 10 s"),
    ):
        error = error_for(429, b"", operation, retry_after=2.0)
        assert isinstance(error, RateLimited)
        assert (error.limit, error.retry_after) == (limit, 2.0), operation.id
        assert limit in str(error)


@given(st.binary(max_size=2_000))
def test_an_excerpt_is_one_short_line(body: bytes) -> None:
    text = excerpt(body)
    assert len(text) <= 200
    assert text.isprintable()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(["status_code", "statusCode", "type", "code", "message", "validation_errors", "path"])


@given(
    st.integers(100, 999).filter(lambda status: not 200 <= status < 300),
    st.dictionaries(KEYS, JSON, max_size=7) | JSON | st.binary(max_size=200),
)
def test_any_response_becomes_an_error_with_a_message(status: int, body: object) -> None:
    error = error_for(status, body)
    assert error.status == status
    assert str(error).startswith(f"GET /v2/some/thing: {status}")
    assert all(isinstance(detail, dict) for detail in error.validation_errors)
