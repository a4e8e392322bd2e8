import pytest

from attio_async.testing._handlers import HANDLERS
from attio_async.testing._http.router import match
from attio_async_api.operations import OPERATIONS, Operation


def found(operation: Operation) -> Operation | None:
    path = operation.path.replace("{target}", "lists")
    route = match(operation.method, path.replace("{", "").replace("}", ""))
    return route and route.operation


def test_every_operation_is_found_by_its_path() -> None:
    assert [one.id for one in OPERATIONS.values() if found(one) is not one] == []


def test_literal_segments_win_and_parameters_are_decoded() -> None:
    assert match("POST", "/v2/objects/records/search").operation.id == "search_records"
    route = match("GET", "/v2/objects/a%2Fb/records/%C3%A9")
    assert route.operation.id == "get_record"
    assert route.parameters == {"object": "a/b", "record_id": "é"}


def test_other_paths_and_methods_have_no_route() -> None:
    others = [
        ("GET", "/v2/nothing"),
        ("GET", "/v2/objects/companies/records"),
        ("PATCH", "/v2/self"),
        ("GET", "/v2/people/x/attributes"),
        ("GET", "/v2/objects//records/x"),
        ("GET", "/"),
    ]
    assert [other for other in others if match(*other) is not None] == []


def test_every_handler_serves_an_operation() -> None:
    assert set(HANDLERS) <= set(OPERATIONS)


def test_an_operation_without_a_handler_is_not_modelled(api, monkeypatch: pytest.MonkeyPatch) -> None:
    others = {name: handler for name, handler in HANDLERS.items() if name != "list_tasks"}
    monkeypatch.setattr("attio_async.testing._service.HANDLERS", others)
    answer = api("GET", "/v2/tasks")
    assert answer.refusal == (501, "not_modelled")
    assert "list_tasks" in answer.json["message"]


def test_an_unknown_endpoint_is_not_found(api) -> None:
    answer = api("GET", "/v2/objects/companies/records?limit=5")
    assert answer.refusal == (404, "not_found")
    assert answer.json["message"].endswith('"GET /v2/objects/companies/records".')
