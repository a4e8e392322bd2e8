"""From an answer to the one exception that says what it means."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def refused(status: int, body: object = b"", operation: Operation = GET_RECORD, **options: Any) -> APIError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(method=operation.method, path="/v2/some/thing")
    headers = {"x-attio-execution-id": "ab12"}
    return to_error(
        operation, request, Response(status=status, headers=headers, body=content, attempts=3), **options
    )


def said(
    code: str | None = None, type: str | None = None, message: str | None = "No.", **more: Any
) -> dict[str, Any]:
    return {"code": code, "type": type, "message": message, **more}


INPUT = "invalid_request_error"
DOCUMENTED = [
    (400, said("validation_type", INPUT), errors.BadRequest),
    (413, said("validation_type", INPUT), errors.BadRequest),
    (400, said("missing_value", INPUT), errors.BadRequest),
    (400, said("filter_error", INPUT), errors.BadRequest),
    (400, said("immutable_value", INPUT), errors.BadRequest),
    (400, said("self_merge", INPUT), errors.BadRequest),
    (400, said("system_edit_unauthorized", INPUT), errors.BadRequest),
    (400, said("value_not_found", INPUT), errors.ValueNotFound),
    (404, said("value_not_found", INPUT), errors.ValueNotFound),
    (400, said("unknown_filter_attribute_slug", INPUT), errors.ValueNotFound),
    (400, said("multiple_match_results", INPUT), errors.MultipleMatches),
    (400, said("merge_in_progress", INPUT), errors.MergeInProgress),
    (404, said("merge_in_progress", INPUT), errors.MergeInProgress),
    (404, said("not_found", INPUT), errors.NotFound),
    (400, said("uniqueness_conflict", INPUT), errors.UniquenessConflict),
    (409, said("uniqueness_conflict", INPUT), errors.UniquenessConflict),
    (409, said("slug_conflict", INPUT), errors.Conflict),
    (409, said("concurrent_write_conflict", INPUT), errors.Conflict),
    (400, said("limit_reached", INPUT), errors.BillingLimit),
    (400, said("quota_exceeded", INPUT), errors.BillingLimit),
    (403, said("quota_exceeded", "auth_error"), errors.BillingLimit),
    (403, said("billing_error", "auth_error"), errors.BillingLimit),
    (403, said("unauthorized", "auth_error"), errors.PermissionDenied),
    (401, said("unauthorized", "auth_error"), errors.AuthenticationFailed),
    (401, said("unauthorized", "auth_error", "Missing scopes."), errors.PermissionDenied),
    (400, said("unauthorized", "auth_error"), errors.AuthenticationFailed),
    (429, said("rate_limit_exceeded", "rate_limit_error"), errors.RateLimited),
    (503, said(None, "rate_limit_error"), errors.RateLimited),
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


@pytest.mark.parametrize(("status", "body", "cls"), DOCUMENTED)
def test_code_and_type_decide_before_the_status(status: int, body: object, cls: type[APIError]) -> None:
    assert type(refused(status, body)) is cls


@pytest.mark.parametrize(("status", "cls"), ONLY_STATUS)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", said("brand_new", "brand_new")])
def test_the_status_decides_where_the_body_says_nothing_known(
    status: int, cls: type[APIError], body: object
) -> None:
    assert type(refused(status, body)) is cls


def test_what_an_error_carries() -> None:
    validation = [{"code": "invalid_type", "path": ["data"], "message": "Required"}, "odd"]
    error = refused(400, said("validation_type", INPUT, validation_errors=validation))
    assert (error.status, error.type, error.code, error.message) == (400, INPUT, "validation_type", "No.")
    assert (error.method, error.path, error.attempts) == ("GET", "/v2/some/thing", 3)
    assert error.execution_id == "ab12"
    assert error.validation_errors == (validation[0],)


def test_without_a_message_the_body_is_told() -> None:
    assert refused(500, b"<html>\n  <b>Bad</b>\x00\x1b[1m</html>").message == "<html> <b>Bad</b> [1m</html>"
    assert refused(500, b"").message == "an empty body"
    assert refused(500, {"message": 3}).message == '{"message": 3}'


def test_a_named_class_is_taken() -> None:
    assert type(refused(429, b"", cls=errors.QueryTooComplex)) is errors.QueryTooComplex


@pytest.mark.parametrize(
    ("message", "attribute", "record"),
    [
        (f'Conflict on attribute with slug "domains": record with ID "{ID}" has it.', "domains", ID.lower()),
        (f"Conflict on attribute `badge` with record {ID}.", "badge", ID.lower()),
        ("The value is taken.", None, None),
        (f'Record "{ID}" has it.', None, ID.lower()),
    ],
)
def test_a_conflict_names_attribute_and_record_where_the_message_does(
    message: str, attribute: str | None, record: str | None
) -> None:
    error = refused(400, said("uniqueness_conflict", message=message))
    assert isinstance(error, UniquenessConflict)
    assert (error.attribute, error.conflicting_record_id) == (attribute, record)


def test_a_refusal_names_the_scopes_that_are_needed() -> None:
    error = refused(403, said("unauthorized", "auth_error"), CREATE_RECORD)
    assert isinstance(error, PermissionDenied)
    assert error.required_scopes == CREATE_RECORD.scopes
    assert error.granted_scopes is None


@pytest.mark.parametrize(
    ("operation", "limit"),
    [
        (RUN_SQL, "2 per second on run_sql"),
        (CREATE_RECORD, "25 writes per second"),
        (GET_RECORD, "100 reads per second"),
        (QUERY_RECORDS, "100 reads per second, or the scores of queries in 10 s"),
        (QUERY_ENTRIES, "100 reads per second, or the scores of queries in 10 s"),
    ],
)
def test_a_refusal_for_the_rate_names_the_limit(operation: Operation, limit: str) -> None:
    error = refused(429, b"", operation, retry_after=2.0)
    assert isinstance(error, RateLimited)
    assert (error.limit, error.retry_after) == (limit, 2.0)
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
def test_any_answer_becomes_an_error_that_can_be_told(status: int, body: object) -> None:
    error = refused(status, body)
    assert error.status == status
    assert str(error).startswith(f"GET /v2/some/thing: {status}")
    assert all(isinstance(detail, dict) for detail in error.validation_errors)
