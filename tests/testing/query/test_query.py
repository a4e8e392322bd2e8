"""Filters, sorts and pages."""

from typing import Any

import pytest

from attio_async.testing import VirtualClock


@pytest.fixture(autouse=True)
def people(api, clock: VirtualClock) -> None:
    for number, (first, last, email, title) in enumerate(
        [
            ("Ada", "Lovelace", "ada@acme.com", "Engineer"),
            ("Bob", "Hope", "bob@gmail.com", None),
            ("Cy", "Lovelace", "cy@acme.com", "engineer"),
        ]
    ):
        clock.advance(1 + number)
        values = {"email_addresses": [email, f"x{number}@mail.org"], "name": f"{last}, {first}"}
        api.create("people", **values, **({"job_title": title} if title else {}))


def found(answer) -> list[str]:
    return [record["values"]["name"][0]["first_name"] for record in answer.data]


def ids(answer) -> list[str]:
    return [record["id"]["record_id"] for record in answer.data]


def test_records_are_found_oldest_first(api) -> None:
    assert found(api.query("people")) == ["Ada", "Bob", "Cy"]
    assert found(api.query("people", filter={})) == ["Ada", "Bob", "Cy"]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"email_addresses": "ADA@acme.com"}, ["Ada"]),
    ({"email_addresses": {"$eq": "ada@acme.com"}}, ["Ada"]),
    ({"email_addresses": {"email_address": "ada@acme.com"}}, ["Ada"]),
    ({"email_addresses": {"email_address": {"$eq": "x0@mail.org"}}}, ["Ada"]),
    ({"email_addresses": {"email_domain": "acme.com"}}, ["Ada", "Cy"]),
    ({"email_addresses": {"email_domain": "mail.org", "email_local_specifier": "x1"}}, ["Bob"]),
    ({"email_addresses": {"email_domain": "acme.com", "email_local_specifier": "x0"}}, []),
    ({"email_addresses": "nobody@acme.com"}, []),
    ({"name": "Ada Lovelace"}, ["Ada"]),
    ({"name": {"last_name": "Lovelace"}}, ["Ada", "Cy"]),
    ({"name": {"last_name": {"$eq": "Lovelace"}}, "job_title": "engineer"}, ["Cy"]),
    ({"job_title": {"$in": ["Engineer", "Pilot"]}}, ["Ada"]),
    ({"job_title": {"value": {"$in": []}}}, []),
    ({"job_title": {"$in": ["Engineer", "engineer"], "$eq": "engineer"}}, ["Cy"]),
    ({"$or": [{"job_title": "Engineer"}, {"name": "Bob Hope"}]}, ["Ada", "Bob"]),
    ({"$and": [{"name": {"last_name": "Lovelace"}}, {"$not": {"job_title": "Engineer"}}]}, ["Cy"]),
    ({"$not": {"job_title": "Engineer"}}, ["Bob", "Cy"]),
    ({"$or": []}, []),
    ({"created_at": "2026-01-01T00:00:03Z"}, ["Bob"]),
    ({"created_at": {"value": {"$eq": "2026-01-01T01:00:03+01:00"}}}, ["Bob"]),
    ({"created_by": {"referenced_actor_type": "api-token"}}, ["Ada", "Bob", "Cy"]),
    ({"created_by": {"referenced_actor_type": "system"}}, []),
]


def test_equality(api) -> None:
    assert [(filter, found(api.query("people", filter=filter))) for filter, _ in FILTERS] == FILTERS


def test_record_ids_and_references(api) -> None:
    ada = api.query("people", filter={"email_addresses": "ada@acme.com"}).data[0]
    company = ada["values"]["company"][0]["target_record_id"]
    assert found(api.query("people", filter={"record_id": ada["id"]["record_id"]})) == ["Ada"]
    assert found(api.query("people", filter={"record_id": {"$in": ids(api.query("people"))[1:]}})) == [
        "Bob",
        "Cy",
    ]
    where = {"target_object": "companies", "target_record_id": company}
    assert found(api.query("people", filter={"company": where})) == ["Ada", "Cy"]
    assert found(api.query("people", filter={"company": {"target_record_id": {"$in": [company]}}})) == [
        "Ada",
        "Cy",
    ]


def test_numbers_currencies_checkboxes_options_and_dates(api, fake) -> None:
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "size", "number")
    fake.seed.add_attribute("things", "price", "currency")
    fake.seed.add_attribute("things", "done", "checkbox")
    fake.seed.add_attribute("things", "kind", "select", options=["One", "Two"])
    fake.seed.add_attribute("things", "day", "date")
    fake.seed.add_attribute("things", "met", "interaction")
    interaction = {
        "interaction_type": "email",
        "interacted_at": "2026-01-01T00:00:00Z",
        "owner_actor": {"type": "workspace-member", "id": "m"},
    }
    values = {
        "size": 5,
        "price": "4.50",
        "done": False,
        "kind": "Two",
        "day": "2026-01-01",
        "met": interaction,
    }
    fake.seed.add_record("things", values)
    option = api("GET", "/v2/objects/things/attributes/kind/options").data[1]["id"]["option_id"]
    for wanted in (
        {"size": 5.0},
        {"price": "4.5000"},
        {"price": {"currency_value": {"$eq": 4.5}}},
        {"done": False},
        {"kind": "Two"},
        {"kind": {"option": {"$eq": option}}},
        {"day": "2026-01-01"},
        {"met": {"interaction_type": "email", "owner_member_id": "m"}},
        {"met": {"interacted_at": "2026-01-01T00:00:00Z"}},
    ):
        assert len(api.query("things", filter=wanted).data) == 1, wanted
    for wanted in (
        {"size": 6},
        {"price": 4},
        {"done": True},
        {"kind": "One"},
        {"met": {"owner_member_id": "n"}},
    ):
        assert api.query("things", filter=wanted).data == [], wanted


def test_an_unknown_attribute_is_reported_with_its_path(api) -> None:
    answer = api.query("people", filter={"$or": [{"name": "x"}, {"email": "y"}]})
    assert answer.refusal == (400, "unknown_filter_attribute_slug")
    assert answer.json["path"] == ["$or", "1", "email"]


INVALID_FILTERS = [
    {"name": {"$neq": "x"}},
    {"name": {"middle_name": "x"}},
    {"name": ["x"]},
    {"name": None},
    {"name": {"$eq": ["x"]}},
    {"name": {"$in": "x"}},
    {"name": 5},
    {"$xor": []},
    {"$and": {"name": "x"}},
    {"$and": ["x"]},
    {"$not": []},
    {"twitter_follower_count": "14"},
    {"twitter_follower_count": True},
    {"created_at": "2026-01-01"},
    {"created_at": "soon"},
    {"company": "acme.com"},
    {"created_by": {"$eq": "x"}},
    {"strongest_connection_strength": "Unbreakable"},
    *({"funding_raised_usd": operand} for operand in ("much", "1e400", 1.00001)),
]


def test_invalid_filters_are_refused(api) -> None:
    misfits = [
        filter
        for filter in INVALID_FILTERS
        if api.query("companies" if "funding_raised_usd" in filter else "people", filter=filter).refusal
        != (400, "filter_error")
    ]
    assert misfits == []


def test_a_query_that_the_fake_cannot_answer_is_not_modelled(api) -> None:
    answer = api.query("people", sorts=[{"direction": "asc", "attribute": "company"}])
    assert answer.refusal == (501, "not_modelled")
    assert answer.json["type"] == "fake_error"


def test_records_are_sorted_by_several_attributes_with_unset_values_last(api) -> None:
    by_last_name = {"direction": "asc", "attribute": "name", "field": "last_name"}
    newest = {"direction": "desc", "attribute": "created_at"}
    assert found(api.query("people", sorts=[by_last_name, newest])) == ["Bob", "Cy", "Ada"]
    assert found(api.query("people", sorts=[newest])) == ["Cy", "Bob", "Ada"]
    for direction in ("asc", "desc"):
        title = {"direction": direction, "attribute": "job_title"}
        assert found(api.query("people", sorts=[title])) == ["Ada", "Cy", "Bob"]


def test_statuses_are_sorted_by_their_order(api) -> None:
    for stage in ("Lost", "Lead", "In Progress"):
        api.create("deals", name=stage, stage=stage, owner="ada@fake-workspace.example.com")
    deals = api.query("deals", sorts=[{"direction": "asc", "attribute": "stage"}]).data
    assert [deal["values"]["name"][0]["value"] for deal in deals] == ["Lead", "In Progress", "Lost"]


def test_invalid_sorts_are_refused(api) -> None:
    for sort in (
        {"attribute": "name"},
        {"direction": "up", "attribute": "name"},
        {"direction": "asc", "attribute": "nope"},
        {"direction": "asc", "attribute": "name", "field": "middle_name"},
        {"direction": "asc"},
        "name",
    ):
        assert api.query("people", sorts=[sort]).refusal == (400, "filter_error"), sort


def test_limit_and_offset(api) -> None:
    assert found(api.query("people", limit=2)) == ["Ada", "Bob"]
    assert found(api.query("people", limit=2, offset=2)) == ["Cy"]
    assert found(api.query("people", limit=2, offset=4)) == []


def test_invalid_pages_are_refused(api) -> None:
    bodies = [{"limit": 0}, {"limit": "2"}, {"offset": -1}, {"limit": 1.5}, {"filter": []}, {"sorts": {}}]
    for body in bodies:
        answer = api.query("people", **body)
        assert answer.refusal == (400, "validation_type"), body
        assert answer.json["validation_errors"][0]["path"] == list(body)


def test_the_default_page_has_500(api, fake) -> None:
    for number in range(501):
        fake.seed.add_record("companies", {"name": str(number)})
    assert len(api.query("companies").data) == 500
