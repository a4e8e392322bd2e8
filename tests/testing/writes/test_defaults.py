"""The default values of new records and entries."""

from typing import Any

import pytest

from attio_async.testing import ApiProblem

NEW = {
    "title": "Due",
    "description": None,
    "api_slug": "due",
    "is_required": False,
    "is_unique": False,
    "is_multiselect": False,
    "config": {},
}
ATTRIBUTES = "/v2/objects/companies/attributes"


def create(api, type: str, default: object, **fields: Any):
    return api("POST", ATTRIBUTES, {"data": {**NEW, "type": type, "default_value": default, **fields}})


def static(*values: object) -> dict[str, Any]:
    return {"type": "static", "template": list(values)}


def dynamic(template: str) -> dict[str, Any]:
    return {"type": "dynamic", "template": template}


STATIC_DEFAULTS = [
    ("text", {"value": "x"}, "value", "x"),
    ("number", 5, "value", 5),
    ("checkbox", {"value": False}, "value", False),
    ("currency", {"currency_value": 5}, "currency_value", 5),
    ("rating", {"value": 3}, "value", 3),
    ("date", {"value": "2026-02-03"}, "value", "2026-02-03"),
    ("domain", {"domain": "https://acme.com"}, "root_domain", "acme.com"),
    ("phone-number", "+442079460000", "country_code", "GB"),
    ("actor-reference", "ada@fake-workspace.example.com", "referenced_actor_type", "workspace-member"),
]


def test_static_defaults_of_every_type(api) -> None:
    for number, (type, written, property, stored) in enumerate(STATIC_DEFAULTS):
        slug = f"due_{number}"
        made = create(api, type, static(written), api_slug=slug).data
        assert made["is_default_value_enabled"] is True
        (shown,) = made["default_value"]["template"]
        assert shown[property] == stored, type
        assert shown["attribute_type"] == type
        assert "active_from" not in shown
        (value,) = api.create("companies").values[slug]
        assert value[property] == stored, type
        assert value["created_by_actor"]["type"] == "api-token"


def test_a_written_value_replaces_the_default(api) -> None:
    create(api, "number", static(5))
    assert api.create("companies", due=6).values["due"][0]["value"] == 6
    assert api.create("companies", due=[]).values["due"] == []
    assert api.create("companies", due=None).values["due"] == []


def test_an_update_does_not_set_defaults(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    create(api, "number", static(5))
    api.patch("companies", company, name="Acme")
    assert api.assert_("companies", "domains", domains=["acme.com"]).values["due"] == []
    assert api.assert_("companies", "domains", domains=["new.com"]).values["due"][0]["value"] == 5


def test_a_default_satisfies_a_required_attribute(api) -> None:
    create(api, "number", static(5), is_required=True)
    assert api.create("companies").status == 200


def test_entries_have_defaults(api, fake) -> None:
    fake.seed.add_list("leads", parent="companies")
    api("POST", "/v2/lists/leads/attributes", {"data": {**NEW, "type": "text", "default_value": static("x")}})
    company = fake.seed.add_record("companies", {})["id"]["record_id"]
    body = {"data": {"parent_object": "companies", "parent_record_id": company, "entry_values": {}}}
    entry = api("POST", "/v2/lists/leads/entries", body).data
    assert entry["entry_values"]["due"][0]["value"] == "x"


def test_dynamic_dates_count_from_now(api, clock) -> None:
    clock.advance(30 * 86_400)  # from 2026-01-01 to 2026-01-31
    create(api, "timestamp", dynamic("P1MT1.5S"))
    create(api, "date", dynamic("P1W"), api_slug="day")
    values = api.create("companies").values
    assert values["due"][0]["value"] == "2026-02-28T00:00:01.500000000Z"
    assert values["day"][0]["value"] == "2026-02-07"


def test_the_current_user_is_the_actor_of_the_token(api) -> None:
    create(api, "actor-reference", dynamic("current-user"))
    (value,) = api.create("companies").values["due"]
    assert value["referenced_actor_id"] == value["created_by_actor"]["id"]


def test_archived_options_and_deleted_records_are_not_defaults(api, fake, new_id) -> None:
    fake.seed.add_attribute("companies", "size", "select", options=["Small"])
    api("PATCH", f"{ATTRIBUTES}/size", {"data": {"default_value": static({"option": "Small"})}})
    person = new_id("people")
    create(api, "record-reference", static({"target_object": "people", "target_record_id": person}))
    values = api.create("companies").values
    assert values["size"][0]["option"]["title"] == "Small"
    assert values["due"][0]["target_record_id"] == person
    api("PATCH", f"{ATTRIBUTES}/size/options/Small", {"data": {"is_archived": True}})
    api("DELETE", f"/v2/objects/people/records/{person}")
    values = api.create("companies").values
    assert values["size"] == values["due"] == []


def test_defaults_are_updated_and_removed(api) -> None:
    create(api, "number", static(5))
    changed = api("PATCH", f"{ATTRIBUTES}/due", {"data": {"default_value": static(6)}}).data
    assert changed["default_value"]["template"] == [{"value": 6, "attribute_type": "number"}]
    assert api("PATCH", f"{ATTRIBUTES}/due", {"data": {"title": "X"}}).data["is_default_value_enabled"]
    gone = api("PATCH", f"{ATTRIBUTES}/due", {"data": {"default_value": None}}).data
    assert gone["default_value"] is None
    assert gone["is_default_value_enabled"] is False
    assert api.create("companies").values["due"] == []


def test_system_attributes_have_defaults(api) -> None:
    created_at = api("GET", f"{ATTRIBUTES}/created_at").data
    assert created_at["default_value"] == dynamic("PT0S")
    assert api("GET", f"{ATTRIBUTES}/created_by").data["default_value"] == dynamic("current-user")


INVALID: list[tuple[str, object, list[str]]] = [
    ("number", {}, ["type"]),
    ("number", {"type": "other", "template": []}, ["type"]),
    ("number", {"type": "static"}, ["template"]),
    ("number", {"type": "static", "template": "5"}, ["template"]),
    ("number", static(), ["template"]),
    ("number", static(5, 6), ["template"]),
    ("number", static("x"), ["template", 0, "value"]),
    ("number", static(None), ["template", 0]),
    ("number", dynamic("PT1H"), ["template"]),
    ("date", dynamic("soon"), ["template"]),
    ("date", dynamic("P9999Y"), ["template"]),
    ("actor-reference", dynamic("somebody"), ["template"]),
]


def test_invalid_defaults_are_refused(api) -> None:
    for type, default, path in INVALID:
        answer = create(api, type, default)
        assert answer.refusal == (400, "validation_type"), default
        where = ["data", "default_value", *path]
        assert answer.json["validation_errors"][0]["path"] == where, default
    assert api("GET", f"{ATTRIBUTES}/due").status == 404


def test_defaults_are_seeded(api, fake) -> None:
    fake.seed.add_attribute("companies", "size", "number", default=static(5))
    fake.seed.add_attribute("companies", "due", "date", default=dynamic("P1M"))
    values = api.create("companies").values
    assert values["size"][0]["value"] == 5
    assert values["due"][0]["value"] == "2026-02-01"
    with pytest.raises(ApiProblem):
        fake.seed.add_attribute("companies", "other", "number", default=dynamic("P1M"))
    assert api("GET", f"{ATTRIBUTES}/other").status == 404
