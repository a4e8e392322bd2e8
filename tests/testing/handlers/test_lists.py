"""Lists and their entries."""

from typing import Any

import pytest

NEW = {
    "name": "Hires",
    "api_slug": "hires",
    "parent_object": "people",
    "workspace_access": "full-access",
    "workspace_member_access": [],
}


@pytest.fixture
def hires(fake) -> str:
    fake.seed.add_list("hires", parent="people")
    fake.seed.add_attribute("hires", "stage", "status", options=["One", "Two"])
    fake.seed.add_attribute("hires", "tags", "select", options=["A", "B", "C"], multiselect=True)
    fake.seed.add_attribute("hires", "badge", "text", unique=True)
    return "/v2/lists/hires"


def add(api, hires: str, person: str, method: str = "POST", **values: Any):
    body = {"data": {"parent_record_id": person, "parent_object": "people", "entry_values": values}}
    return api(method, f"{hires}/entries", body)


def path_of(hires: str, answer) -> str:
    return f"{hires}/entries/{answer.data['id']['entry_id']}"


def titles(answer) -> list[str]:
    return [value["option"]["title"] for value in answer.data["entry_values"]["tags"]]


# Lists


def test_a_list_is_created_read_and_updated(api, fake) -> None:
    member = api("GET", "/v2/workspace_members").data[0]["id"]["workspace_member_id"]
    access = [{"workspace_member_id": member, "level": "full-access"}]
    made = api(
        "POST", "/v2/lists", {"data": {**NEW, "workspace_access": None, "workspace_member_access": access}}
    )
    list_id = made.data["id"]["list_id"]
    assert made.data["parent_object"] == ["people"]
    assert made.data["created_by_actor"]["type"] == "api-token"
    for name in ("hires", list_id):
        assert api("GET", f"/v2/lists/{name}").data == made.data
    changed = api("PATCH", "/v2/lists/hires", {"data": {"name": "Team", "api_slug": "team"}}).data
    assert changed == {**made.data, "name": "Team", "api_slug": "team"}
    assert api("GET", "/v2/lists").data == [changed]
    assert api("GET", "/v2/lists/hires").refusal == (404, "not_found")
    opened = {"workspace_access": "full-access", "workspace_member_access": []}
    assert opened.items() <= api("PATCH", f"/v2/lists/{list_id}", {"data": opened}).data.items()


def test_a_new_list_has_the_common_attributes(api) -> None:
    api("POST", "/v2/lists", {"data": NEW})
    attributes = api("GET", "/v2/lists/hires/attributes").data
    assert {a["api_slug"]: (a["type"], a["is_writable"]) for a in attributes} == {
        "entry_id": ("text", False),
        "created_at": ("timestamp", False),
        "created_by": ("actor-reference", False),
    }


INVALID_LISTS: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"parent_object": "planets"}, (400, "value_not_found")),
    ({"workspace_access": "read-only"}, (400, "validation_type")),
    ({"workspace_access": "all"}, (400, "validation_type")),
    ({"workspace_member_access": [{"level": "full-access"}]}, (400, "validation_type")),
    ({"workspace_member_access": ["me"]}, (400, "validation_type")),
    ({"api_slug": ""}, (400, "validation_type")),
    ({"colour": "red"}, (400, "validation_type")),
    (
        {"workspace_member_access": [{"workspace_member_id": "x", "level": "read-only"}]},
        (400, "value_not_found"),
    ),
    ({"api_slug": "taken"}, (409, "slug_conflict")),
]


def test_invalid_lists_are_refused(api, fake) -> None:
    fake.seed.add_list("taken")
    fake.seed.add_list("sales")
    before = api("GET", "/v2/lists").data
    for change, refusal in INVALID_LISTS:
        assert api("POST", "/v2/lists", {"data": {**NEW, **change}}).refusal == refusal, change
        if "parent_object" not in change:
            assert api("PATCH", "/v2/lists/sales", {"data": change}).refusal == refusal, change
    assert api("GET", "/v2/lists").data == before


def test_every_missing_field_is_reported(api) -> None:
    answer = api("POST", "/v2/lists", {"data": {"name": "x", "parent_object": "people"}})
    assert answer.json["validation_errors"] == [
        {
            "code": "invalid_type",
            "path": ["data", "api_slug"],
            "message": "Required",
            "expected": "string",
            "received": "undefined",
        },
        {
            "code": "invalid_type",
            "path": ["data", "workspace_access"],
            "message": "Required",
            "expected": "'full-access' | 'read-and-write' | 'read-only'",
            "received": "undefined",
        },
        {
            "code": "invalid_type",
            "path": ["data", "workspace_member_access"],
            "message": "Required",
            "expected": "array",
            "received": "undefined",
        },
    ]


def test_the_parent_of_a_list_is_not_updated(api, hires) -> None:
    assert api("PATCH", hires, {"data": {"parent_object": "companies"}}).refusal == (400, "validation_type")


def test_a_list_may_have_the_slug_of_an_object(api, fake, new_id) -> None:
    fake.seed.add_list("people", parent="companies")
    company, person = new_id("companies"), new_id("people", name="Ada")
    fake.seed.add_entry("people", company)
    assert [entry["parent_record_id"] for entry in fake.entries("people")] == [company]
    assert [record["id"]["record_id"] for record in fake.records("people")] == [person]


# Entries


def test_an_entry_has_every_attribute(api, hires, new_id, clock) -> None:
    person = new_id("people")
    clock.advance(1.5)
    made = add(api, hires, person, stage="One", tags=["B", "A"])
    entry = made.data
    assert entry["parent_record_id"] == person
    assert entry["parent_object"] == "people"
    assert entry["created_at"] == "2026-01-01T00:00:01.500000000Z"
    values = entry["entry_values"]
    assert list(values) == ["entry_id", "created_at", "created_by", "stage", "tags", "badge"]
    assert values["entry_id"][0]["value"] == entry["id"]["entry_id"]
    assert values["created_at"][0]["value"] == entry["created_at"]
    assert values["created_by"][0]["referenced_actor_type"] == "api-token"
    assert values["stage"][0]["status"]["title"] == "One"
    assert values["stage"][0]["status"]["id"]["list_id"] == entry["id"]["list_id"]
    assert values["badge"] == []
    assert api("GET", path_of(hires, made)).data == entry


def test_patch_adds_and_put_replaces(api, hires, new_id) -> None:
    path = path_of(hires, add(api, hires, new_id("people"), tags=["A"]))
    for method, tags, expected in (
        ("PATCH", ["B"], ["B", "A"]),
        ("PATCH", [], ["B", "A"]),
        ("PUT", ["C"], ["C"]),
        ("PUT", [], []),
    ):
        assert titles(api(method, path, {"data": {"entry_values": {"tags": tags}}})) == expected


def test_a_record_can_be_in_a_list_twice(api, hires, new_id) -> None:
    person = new_id("people")
    first, second = add(api, hires, person), add(api, hires, person)
    assert first.data["id"] != second.data["id"]
    answer = add(api, hires, person, "PUT", stage="One")
    assert answer.refusal == (400, "multiple_match_results")
    assert api("DELETE", path_of(hires, second)).json == {}
    assert add(api, hires, person, "PUT", stage="One").data["id"] == first.data["id"]


def test_assert_creates_an_entry_or_replaces_its_values(api, hires, new_id, fake) -> None:
    person = new_id("people")
    fake.seed.add_list("others")
    fake.seed.add_entry("others", person)
    made = add(api, hires, person, "PUT", tags=["A"], stage="One")
    again = add(api, hires, person, "PUT", tags=["B"])
    assert again.data["id"] == made.data["id"]
    assert titles(again) == ["B"]
    assert again.data["entry_values"]["stage"][0]["status"]["title"] == "One"


def test_unique_values_are_unique_within_the_list(api, hires, new_id) -> None:
    ada, bob = new_id("people"), new_id("people")
    add(api, hires, ada, badge="007")
    assert add(api, hires, bob, badge="007").refusal == (400, "uniqueness_conflict")
    found = api("POST", f"{hires}/entries/query", {"filter": {"badge": "007"}}).data
    assert [entry["parent_record_id"] for entry in found] == [ada]


def test_entries_are_filtered_and_sorted_like_records(api, hires, new_id, clock) -> None:
    people = [new_id("people", name=name) for name in ("Ada", "Bob", "Cy")]
    for person, stage in zip(people, ("Two", "One", "Two"), strict=True):
        clock.advance(1)
        add(api, hires, person, stage=stage)

    def found(**body: Any) -> list[int]:
        answer = api("POST", f"{hires}/entries/query", body)
        return [people.index(entry["parent_record_id"]) for entry in answer.data]

    assert found() == [0, 1, 2]
    assert found(filter={"stage": "Two"}) == [0, 2]
    assert found(sorts=[{"direction": "desc", "attribute": "created_at"}], limit=2) == [2, 1]
    assert found(filter={"created_at": {"$gte": "2026-01-01T00:00:02.000000000Z"}}, offset=1) == [2]
    assert found(filter={"created_by": {"referenced_actor_type": "system"}}) == []
    every = api("POST", f"{hires}/entries/query", {}).data
    ids = [entry["id"]["entry_id"] for entry in every]
    assert found(filter={"entry_id": {"$in": ids[1:]}}) == [1, 2]
    assert found(filter={"entry_id": ids[1]}) == [1]
    unknown = api("POST", f"{hires}/entries/query", {"filter": {"record_id": "x"}})
    assert unknown.refusal == (400, "unknown_filter_attribute_slug")


def test_the_entries_of_a_record_are_those_of_every_list(api, hires, new_id, fake) -> None:
    person, other = new_id("people"), new_id("people")
    fake.seed.add_list("others")
    first, second = fake.seed.add_entry("others", person), fake.seed.add_entry("hires", person)
    fake.seed.add_entry("hires", other)
    path = f"/v2/objects/people/records/{person}/entries"
    assert api("GET", path).data == [
        {
            "list_id": entry["id"]["list_id"],
            "list_api_slug": slug,
            "entry_id": entry["id"]["entry_id"],
            "created_at": entry["created_at"],
        }
        for entry, slug in ((first, "others"), (second, "hires"))
    ]
    assert [entry["list_api_slug"] for entry in api("GET", f"{path}?limit=1&offset=1").data] == ["hires"]
    assert api("GET", f"{path}?limit=1001").refusal == (400, "validation_type")


def test_entries_are_deleted_with_their_record(api, hires, new_id, fake) -> None:
    person, other = new_id("people"), new_id("people")
    made = add(api, hires, person, badge="007")
    kept = add(api, hires, other)
    assert api("DELETE", f"/v2/objects/people/records/{person}").status == 200
    assert fake.entries("hires") == [kept.data]
    assert api("GET", path_of(hires, made)).refusal == (404, "not_found")
    assert add(api, hires, other, badge="007").status == 200


INVALID_ENTRIES: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"parent_object": "planets"}, (400, "value_not_found")),
    ({"parent_object": "companies"}, (400, "validation_type")),
    ({"parent_record_id": "me"}, (400, "validation_type")),
    ({"parent_record_id": "00000000-0000-4000-8000-000000000000"}, (400, "value_not_found")),
    ({"entry_values": None}, (400, "validation_type")),
    ({"entry_values": {"colour": "red"}}, (400, "value_not_found")),
    ({"entry_values": {"stage": "Three"}}, (400, "value_not_found")),
    ({"entry_values": {"entry_id": "x"}}, (400, "system_edit_unauthorized")),
]


def test_invalid_entries_are_refused(api, hires, new_id) -> None:
    entry = {"parent_record_id": new_id("people"), "parent_object": "people", "entry_values": {}}
    for change, refusal in INVALID_ENTRIES:
        for method in ("POST", "PUT"):
            answer = api(method, f"{hires}/entries", {"data": entry | change})
            assert answer.refusal == refusal, change
    assert api("POST", f"{hires}/entries/query", {}).data == []


def test_entry_values_are_required(api, hires, new_id) -> None:
    body = {"data": {"parent_record_id": new_id("people"), "parent_object": "people"}}
    answer = api("POST", f"{hires}/entries", body)
    assert answer.json["validation_errors"][0]["path"] == ["data", "entry_values"]


UNKNOWN = [
    ("GET", "/v2/lists/nope"),
    ("GET", "/v2/lists/nope/attributes"),
    ("POST", "/v2/lists/nope/entries/query"),
    ("GET", "/v2/lists/hires/entries/nope"),
    ("DELETE", "/v2/lists/hires/entries/nope"),
    ("GET", "/v2/objects/people/records/nope/entries"),
]


def test_unknown_lists_and_entries_are_not_found(api, hires) -> None:
    for method, target in UNKNOWN:
        answer = api(method, target, {} if method == "POST" else None)
        assert answer.refusal == (404, "not_found"), target
