"""Random bodies and queries: the response is one that the API describes, and a refusal changes nothing."""

import functools
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings, strategies as st
from tests.support import examples

from attio_async.testing import FakeAttio
from attio_async_api.operations import OPERATIONS

from .requests import Example, Requests

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
TEXTS = ["", " ", "x", "people", "\0", "é" * 300, "9" * 400, "P9999Y", "0000", "select"]
NESTED = [[], [[]], [None], {}, {"x": 1}, {"value": {}}, [{"value": None}]]
ODD = st.sampled_from([None, True, False, 0, -1, 0.5, 1e300, *TEXTS, *NESTED])
WORDS = ["", "x", "-1", "0", "1", "10", "null", "true", "people", "2026-01-01", "2026-01-01T00:00:00Z"]
WORDS += ["a@b.example.com", "%00", "9" * 5_000, "UTC"]
PARAMETERS = ["limit", "offset", "cursor", "sort", "object", "record_id", "list", "entry_id", "timezone"]
PARAMETERS += ["domain", "linked_object", "linked_record_id", "linked_record_ids", "participants", "assignee"]
PARAMETERS += ["is_completed", "created_after", "ends_from", "show_archived", "parent_object"]
PARAMETERS += ["parent_record_id", "storage_provider"]
SLUGS = ["name", "domains", "team", "categories", "primary_location", "funding_raised_usd"]
SLUGS += ["foundation_date", "twitter", "created_at"]


@functools.cache
def requests() -> Requests:
    return Requests()


@functools.cache
def without_body() -> list[str]:
    return [
        operation.id
        for operation in OPERATIONS.values()
        if operation.id.startswith(("list_", "get_", "delete_", "download_"))
        and {part[1:-1] for part in operation.path.split("/") if "{" in part} <= {*requests().names}
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every part of a JSON value, and of the value itself."""
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        found += places(part, (*path, key))
    return found


def changed(value: Any, path: tuple[Any, ...], how: str, other: Any) -> Any:
    """Return a copy with another value at the path, without the part, or with a key beside it."""
    if not path:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) > 1:
        copy[path[0]] = changed(copy[path[0]], path[1:], how, other)
    elif how == "drop":
        del copy[path[0]]
    elif how == "add" and isinstance(copy, dict):
        copy["unheard_of"] = other
    else:
        copy[path[0]] = other
    return copy


def test_the_examples_are_valid() -> None:
    refused = set()
    for example in requests().examples:
        requests().fake.restore(requests().snapshot)
        if requests().sent(example)[0] not in {200, 201}:
            refused.add(example.operation_id)
    # Attio's own activity cannot be changed, and the others would repeat something unique.
    assert refused == {"update_activity", "create_webhook", "create_activity_record"}


@pytest.mark.parametrize("empty", ["", None, [], {}, 0, False])
def test_an_empty_value_anywhere_is_answered(empty: object) -> None:
    unanswered = []
    for example in requests().examples:
        for path in places(example.body):
            requests().fake.restore(requests().snapshot)
            try:
                status = requests().sent(example, changed(example.body, path, "put", empty))[0]
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of the fake
                unanswered.append((example.operation_id, path, repr(error)))
            else:
                assert status in {200, 201, 400, 404, 409}, (example.operation_id, path, status)
    assert unanswered == []


@settings(max_examples=examples(400), deadline=None)
@given(data=st.data())
def test_random_bodies(data: st.DataObject) -> None:
    example: Example = data.draw(st.sampled_from(requests().examples))
    path = data.draw(st.sampled_from(places(example.body)))
    how = data.draw(st.sampled_from(["put", "put", "put", "drop", "add"]))
    requests().fake.restore(requests().snapshot)
    status, answer = requests().sent(example, changed(example.body, path, how, data.draw(ODD | JSON)))
    assert status in {200, 201, 400, 404, 409}, answer
    assert status < 400 or requests().is_unchanged


@settings(max_examples=examples(150), deadline=None)
@given(
    data=st.data(),
    query=st.dictionaries(
        st.sampled_from(PARAMETERS), st.sampled_from(WORDS) | st.text(max_size=4), max_size=3
    ),
)
def test_random_queries(data: st.DataObject, query: dict[str, str]) -> None:
    requests().fake.restore(requests().snapshot)
    if query:
        named = data.draw(st.none() | st.sampled_from([*requests().names.values()]))
        query |= {} if named is None else {next(iter(query)): named}
    operation_id = data.draw(st.sampled_from(without_body()))
    status, _ = requests().answered(operation_id, b"", urlencode(query, errors="replace"))
    assert status in {200, 204, 302, 400, 404}


@settings(max_examples=examples(150), deadline=None)
@given(
    values=st.dictionaries(st.sampled_from(SLUGS), JSON, max_size=3),
    condition=st.dictionaries(st.sampled_from([*SLUGS, "$or"]), JSON, max_size=2),
)
def test_random_values_and_filters(values: dict[str, Any], condition: dict[str, Any]) -> None:
    fake = requests().fake
    fake.restore(requests().snapshot)
    for example in (
        Example("create_record", {"data": {"values": values}}),
        Example("assert_record", {"data": {"values": values}}, "matching_attribute=domains"),
        Example("query_records", {"filter": condition}),
    ):
        body = json.dumps(example.body).encode("utf-8", "surrogatepass")
        status, answer = requests().answered(
            example.operation_id, body, example.query, {"object": "companies"}
        )
        assert status in {200, 400, 501}
        assert ("data" in answer) == (status == 200)
    assert FakeAttio.from_json(fake.to_json()).records("companies") == fake.records("companies")


def test_endless_nesting_is_refused() -> None:
    assert requests().answered("create_note", b"[" * 100_000)[0] == 400
