"""Filters and sorts by paths: through references, and from entries to their parent record."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def world(fake, new_id) -> dict[str, str]:
    """Two companies, people in them, a list of people, and an object that refers to anything."""
    ids = {
        "acme": new_id("companies", name="Acme", domains=["acme.com"]),
        "bolt": new_id("companies", name="bolt", domains=["bolt.com"]),
    }
    for person, company in (("Ada", "acme.com"), ("Bob", "bolt.com"), ("Cy", "acme.com"), ("Di", None)):
        ids[person] = new_id("people", name=person, company=company)
    fake.seed.add_list("hires", parent="people")
    fake.seed.add_attribute("hires", "referrer", "record-reference", allowed_objects=["people"])
    fake.seed.add_entry("hires", ids["Ada"], {"referrer": _to("people", ids["Bob"])})
    fake.seed.add_entry("hires", ids["Bob"])
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "label", "text")
    fake.seed.add_attribute("things", "about", "record-reference", multiselect=True)
    for label, about in (
        ("both", [_to("people", ids["Ada"]), _to("companies", ids["bolt"])]),
        ("company", [_to("companies", ids["acme"])]),
        ("nothing", []),
    ):
        fake.seed.add_record("things", {"label": label, "about": about})
    return ids


def _to(kind: str, record_id: str) -> dict[str, str]:
    return {"target_object": kind, "target_record_id": record_id}


def people(api, **body: Any) -> list[str]:
    return [record["values"]["name"][0]["first_name"] for record in api.query("people", **body).data]


def things(api, **body: Any) -> list[str]:
    return [record["values"]["label"][0]["value"] for record in api.query("things", **body).data]


def hires(api, world: dict[str, str], **body: Any) -> list[str]:
    names = {id: name for name, id in world.items()}
    return [
        names[entry["parent_record_id"]] for entry in api("POST", "/v2/lists/hires/entries/query", body).data
    ]


def through(*pairs: tuple[str, str], **constraints: Any) -> dict[str, Any]:
    return {"path": [list(pair) for pair in pairs], "constraints": constraints}


def test_through_a_reference(api) -> None:
    filter = through(("people", "company"), ("companies", "name"), value={"$contains": "ACM"})
    assert people(api, filter=filter) == ["Ada", "Cy"]
    assert people(api, filter={"$not": filter}) == ["Bob", "Di"]
    assert people(api, filter={"$and": [filter, {"name": {"first_name": "Cy"}}]}) == ["Cy"]


def test_with_the_operator_of_the_usual_property(api) -> None:
    filter = through(("people", "company"), ("companies", "domains"), **{"$ends_with": "t.com"})
    assert people(api, filter=filter) == ["Bob"]


def test_back_through_the_other_end_of_a_relationship(api) -> None:
    colleagues = through(("people", "company"), ("companies", "team"), ("people", "name"), first_name="Cy")
    assert people(api, filter=colleagues) == ["Ada", "Cy"]


def test_a_path_of_one_pair_is_the_attribute_itself(api) -> None:
    assert people(api, filter=through(("people", "name"), first_name="Di")) == ["Di"]


def test_by_ids_instead_of_slugs(api, fake, world) -> None:
    kinds = fake.snapshot().data.objects
    filter = through(
        (kinds["people"].id, kinds["people"].attributes["company"].id),
        (kinds["companies"].id, "record_id"),
        **{"$in": [world["bolt"]]},
    )
    assert people(api, filter=filter) == ["Bob"]


def test_a_path_follows_the_named_object_of_a_reference(api) -> None:
    named_bolt = through(("things", "about"), ("companies", "name"), value="bolt")
    assert things(api, filter=named_bolt) == ["both"]
    assert things(api, filter=through(("things", "about"), ("companies", "name"), value="Ada")) == []
    assert things(api, filter=through(("things", "about"), ("people", "name"), first_name="Ada")) == ["both"]


def test_from_an_entry_to_its_parent_record(api, world) -> None:
    parent = ("hires", "parent_record")
    assert hires(api, world, filter=through(parent, ("people", "name"), first_name="Ada")) == ["Ada"]
    in_bolt = through(parent, ("people", "company"), ("companies", "name"), **{"$starts_with": "b"})
    assert hires(api, world, filter=in_bolt) == ["Bob"]
    assert hires(api, world, filter=through(parent, ("people", "record_id"), **{"$in": [world["Bob"]]})) == [
        "Bob"
    ]
    referred = through(("hires", "referrer"), ("people", "company"), ("companies", "name"), value="bolt")
    assert hires(api, world, filter=referred) == ["Ada"]


def test_records_without_a_reference_are_sorted_last(api, world) -> None:
    path = [["people", "company"], ["companies", "name"]]
    assert people(api, sorts=[{"direction": "asc", "path": path}]) == ["Ada", "Cy", "Bob", "Di"]
    assert people(api, sorts=[{"direction": "desc", "path": path}]) == ["Bob", "Ada", "Cy", "Di"]
    names = [["hires", "parent_record"], ["people", "name"]]
    sort = {"direction": "desc", "path": names, "field": "first_name"}
    assert hires(api, world, sorts=[sort]) == ["Bob", "Ada"]


def test_a_sort_may_have_a_path_of_one_pair(api) -> None:
    sort = {"direction": "desc", "path": [["people", "name"]], "field": "first_name"}
    assert people(api, sorts=[sort]) == ["Di", "Cy", "Bob", "Ada"]


def test_a_sort_by_a_path_takes_the_first_value(api) -> None:
    path = [["things", "about"], ["companies", "name"]]
    assert things(api, sorts=[{"direction": "desc", "path": path}]) == ["both", "company", "nothing"]


INVALID_PATHS: list[tuple[object, list[str]]] = [
    ("people", ["path"]),
    ([], ["path"]),
    (["people", "name"], ["path", "0"]),
    ([["people"]], ["path", "0"]),
    ([["people", 5]], ["path", "0"]),
    ([["companies", "name"]], ["path", "0", "0"]),
    ([["people", "name"], ["companies", "name"]], ["path", "0", "1"]),
    ([["people", "company"], ["company", "name"]], ["path", "1", "0"]),
    ([["people", "company"], ["people", "name"]], ["path", "1", "0"]),
    ([["people", "company"], ["companies"]], ["path", "1"]),
]


def test_invalid_paths_are_refused(api) -> None:
    for path, where in INVALID_PATHS:
        answer = api.query("people", filter={"path": path, "constraints": {"value": "x"}})
        assert answer.refusal == (400, "filter_error"), path
        assert answer.json["path"] == where, path
        answer = api.query("people", sorts=[{"direction": "asc", "path": path}])
        assert answer.refusal == (400, "filter_error"), path
        assert answer.json["path"] == ["sorts", "0", *where], path


@pytest.mark.parametrize(
    "path", [[["people", "firm"], ["companies", "name"]], [["people", "company"], ["companies", "nom"]]]
)
def test_an_unknown_attribute_of_a_path_is_reported(api, path: list[list[str]]) -> None:
    answer = api.query("people", filter={"$and": [{"path": path, "constraints": {"value": "x"}}]})
    assert answer.refusal == (400, "unknown_filter_attribute_slug")
    assert answer.json["path"][:3] == ["$and", "0", "path"]


def test_invalid_constraints_are_refused(api) -> None:
    path = [["people", "company"], ["companies", "name"]]
    for constraints in ("Acme", [], {}, {"$like": "x"}, {"first_name": "x"}):
        answer = api.query("people", filter={"path": path, "constraints": constraints})
        assert answer.refusal == (400, "filter_error"), constraints
        assert answer.json["path"][0] == "constraints", constraints


def test_a_path_takes_no_other_conditions(api) -> None:
    beside = {**through(("people", "name"), first_name="Ada"), "job_title": "x"}
    assert api.query("people", filter=beside).refusal == (400, "filter_error")


def test_the_parent_record_is_filtered_by_a_path_only(api, world) -> None:
    for filter in (
        {"parent_record": _to("people", world["Ada"])},
        through(("hires", "parent_record"), **_to("people", world["Ada"])),
        through(("hires", "parent_record"), ("companies", "name"), value="x"),
    ):
        answer = api("POST", "/v2/lists/hires/entries/query", {"filter": filter})
        assert answer.refusal == (400, "filter_error"), filter
    answer = api.query("people", filter=through(("people", "parent_record"), ("people", "name"), value="x"))
    assert answer.refusal == (400, "unknown_filter_attribute_slug")
