"""Reading and replacing the history of values."""

from typing import Any

import pytest

A, B, C, D = (f"2025-0{month}-01T00:00:00.000000000Z" for month in range(1, 5))
FUTURE = "2027-01-01T00:00:00Z"


def period(value: object, start: str, end: str | None = None) -> dict[str, Any]:
    return {"value": value, "active_from": start, "active_until": end}


def path(record: str, attribute: str, kind: str = "companies") -> str:
    return f"/v2/objects/{kind}/records/{record}/attributes/{attribute}/values"


def write(api, record: str, attribute: str, *periods: object, **more: object):
    body = {"values": list(periods), "replace_history": True, **more}
    return api("PUT", path(record, attribute), {"data": body})


def read(api, record: str, attribute: str) -> list[tuple[Any, str, str | None]]:
    values = api("GET", f"{path(record, attribute)}?show_historic=true").data
    return [(value["value"], value["active_from"], value["active_until"]) for value in values]


@pytest.fixture
def company(new_id) -> str:
    return new_id("companies", name="Now", domains=["acme.com"])


def test_the_history_of_a_record_is_listed_oldest_first(api, new_id) -> None:
    company = new_id("companies", name="Old", domains=["a.com"])
    api.put("companies", company, name="New", domains=["b.com"])
    names = api("GET", f"{path(company, 'name')}?show_historic=true").data
    assert [value["value"] for value in names] == ["Old", "New"]
    assert [value["domain"] for value in api("GET", path(company, "domains")).data] == ["b.com"]
    assert len(api("GET", f"{path(company, 'created_at')}?show_historic=true").data) == 1
    assert api("GET", path(company, "nope")).refusal == (404, "not_found")


def test_the_history_of_an_entry_is_paged(api, fake, clock, company) -> None:
    fake.seed.add_list("leads", parent="companies")
    fake.seed.add_attribute("leads", "stage", "status", options=["One", "Two"])
    entry = fake.seed.add_entry("leads", company, {"stage": "One"})["id"]["entry_id"]
    target = f"/v2/lists/leads/entries/{entry}"
    clock.advance(60)
    api("PATCH", target, {"data": {"entry_values": {"stage": "Two"}}})
    target += "/attributes/stage/values"
    now = api("GET", target).data
    assert [value["status"]["title"] for value in now] == ["Two"]
    assert api("GET", f"{target}?show_historic=false").data == now
    every = api("GET", f"{target}?show_historic=true").data
    assert [value["status"]["title"] for value in every] == ["One", "Two"]
    assert every[0]["active_until"] == every[1]["active_from"] == "2026-01-01T00:01:00.000000000Z"
    assert every[1]["active_until"] is None
    assert api("GET", f"{target}?show_historic=true&limit=1&offset=1").data == every[1:]


def test_attributes_that_attio_fills_in_have_no_history(api, company) -> None:
    for slug in ("last_interaction", "twitter_follower_count", "strongest_connection_user"):
        assert api("GET", path(company, slug)).data == []
        refused = api("GET", f"{path(company, slug)}?show_historic=true")
        assert refused.refusal == (400, "validation_type"), slug


def test_a_history_is_replaced(api, company) -> None:
    written = write(api, company, "name", period("Two", B), period({"value": "One"}, A, B)).data
    assert [value["value"] for value in written] == ["One", "Two"]
    assert read(api, company, "name") == [("One", A, B), ("Two", B, None)]
    assert [value["value"] for value in api.get("companies", company).values["name"]] == ["Two"]
    write(api, company, "name", period("Only", A, C))
    assert read(api, company, "name") == [("Only", A, C)]
    assert api.get("companies", company).values["name"] == []


def test_later_writes_continue_the_history(api, clock, company) -> None:
    write(api, company, "name", period("Two", B), period("One", A, B))
    api.patch("companies", company, name="Three")
    now = "2026-01-01T00:00:00.000000000Z"
    assert read(api, company, "name") == [("One", A, B), ("Two", B, now), ("Three", now, None)]


def test_values_of_a_multiselect_attribute_overlap(api, company) -> None:
    periods = [period("a.com", A, C), period("b.com", B), period("a.com", D)]
    assert write(api, company, "domains", *periods).status == 200
    assert [v["domain"] for v in api.get("companies", company).values["domains"]] == ["b.com", "a.com"]
    assert api.create("companies", domains=["acme.com"]).status == 200
    assert api.create("companies", domains=["b.com"]).refusal == (400, "uniqueness_conflict")
    assert write(api, company, "domains", period("acme.com", A)).refusal == (400, "uniqueness_conflict")
    twice = [period("a.com", A, C), period("a.com", B)]
    assert write(api, company, "domains", *twice).refusal == (400, "duplicate_values")


def test_a_replaced_relationship_changes_both_ends(api, company, new_id) -> None:
    person = new_id("people")
    reference = {"target_object": "people", "target_record_id": person}
    assert write(api, company, "team", period(reference, A)).status == 200
    (value,) = api.get("people", person).values["company"]
    assert value["target_record_id"] == company
    assert write(api, company, "team", period(reference, A, B)).status == 200
    assert api.get("people", person).values["company"] == []


def test_the_history_of_an_entry_is_replaced(api, fake, company) -> None:
    fake.seed.add_list("leads", parent="companies")
    fake.seed.add_attribute("leads", "stage", "status", options=["One", "Two"])
    entry = fake.seed.add_entry("leads", company)["id"]["entry_id"]
    target = f"/v2/lists/leads/entries/{entry}/attributes/stage/values"
    body = {"values": [period("One", A, B), period("Two", B)], "replace_history": True}
    written = api("PUT", target, {"data": body}).data
    assert [value["status"]["title"] for value in written] == ["One", "Two"]
    assert api("GET", f"{target}?show_historic=true").data == written


INVALID: list[tuple[str, list[object], str]] = [
    ("name", [], "validation_type"),
    ("name", [period("x", A)] * 401, "validation_type"),
    ("name", [period(None, A)], "validation_type"),
    ("name", [period(["x"], A)], "validation_type"),
    ("name", [period(5, A)], "validation_type"),
    ("name", [{"value": "x", "active_from": A}], "validation_type"),
    ("name", [period("x", "soon")], "validation_type"),
    ("name", [period("x", B, A)], "validation_type"),
    ("name", [period("x", A, A)], "validation_type"),
    ("name", [period("x", FUTURE)], "validation_type"),
    ("name", [period("x", A, FUTURE)], "validation_type"),
    ("name", [period("x", A), period("y", B)], "multiple_values_for_single_value_attribute"),
    ("name", [period("x", A, C), period("y", B)], "multiple_values_for_single_value_attribute"),
    ("categories", [period("No such", A)], "value_not_found"),
    ("created_at", [period(A, A)], "system_edit_unauthorized"),
    ("twitter_follower_count", [period(5, A)], "system_edit_unauthorized"),
]


def test_invalid_histories_are_refused(api, company) -> None:
    before = api.get("companies", company).values
    for attribute, periods, code in INVALID:
        assert write(api, company, attribute, *periods).refusal == (400, code), (attribute, periods)
    assert api.get("companies", company).values == before


def test_a_required_attribute_needs_a_current_value(api, new_id) -> None:
    workspace = new_id("workspaces", workspace_id="w")
    body = {"values": [period("w", A, B)], "replace_history": True}
    answer = api("PUT", path(workspace, "workspace_id", "workspaces"), {"data": body})
    assert answer.refusal == (400, "missing_value")


def test_replace_history_is_required(api, company) -> None:
    assert write(api, company, "name", period("x", A), replace_history=False).refusal == (
        400,
        "validation_type",
    )
    assert write(api, company, "planet", period("x", A)).refusal == (404, "not_found")


def test_a_replaced_history_is_not_a_change(api, fake, company) -> None:
    changes: list[object] = []
    fake.changes.subscribe(changes.append)
    write(api, company, "name", period("x", A))
    assert changes == []
