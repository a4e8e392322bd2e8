"""Creating and updating attributes, options and statuses."""

from typing import Any

import pytest

NEW = {
    "title": "Size",
    "description": None,
    "api_slug": "size",
    "type": "number",
    "is_required": False,
    "is_unique": False,
    "is_multiselect": False,
    "config": {},
}
ATTRIBUTES = "/v2/objects/companies/attributes"


def create(api, base: str = ATTRIBUTES, **fields: Any):
    return api("POST", base, {"data": {**NEW, **fields}})


def change(api, slug: str, **fields: Any):
    return api("PATCH", f"{ATTRIBUTES}/{slug}", {"data": fields})


def test_an_attribute_is_created_and_takes_values(api) -> None:
    made = create(api, description="In metres").data
    for name in ("title", "api_slug", "type", "is_required", "is_unique", "is_multiselect"):
        assert made[name] == NEW[name]
    assert made["description"] == "In metres"
    assert made["is_system_attribute"] is False
    assert api("GET", f"{ATTRIBUTES}/size").data == made
    assert api.create("companies", size=5).values["size"][0]["value"] == 5


def test_attributes_of_lists(api, fake) -> None:
    fake.seed.add_list("deals_to_win", parent="deals")
    made = create(api, "/v2/lists/deals_to_win/attributes").data
    assert api("GET", "/v2/lists/deals_to_win/attributes").data[-1] == made
    assert made["id"]["list_id"] == made["id"]["object_id"]


def test_configurations(api) -> None:
    currency = {"currency": {"default_currency_code": "EUR", "display_type": "code"}}
    assert create(api, api_slug="cost", type="currency", config=currency).data["config"]["currency"] == {
        "default_currency_code": "EUR",
        "display_type": "code",
    }
    people = api("GET", "/v2/objects/people").data["id"]["object_id"]
    for name in ("people", people):
        config = {"record_reference": {"allowed_objects": [name, "deals"]}}
        made = create(
            api, api_slug=f"of_{name[:6]}", type="record-reference", config=config, is_multiselect=True
        )
        assert made.data["config"]["record_reference"]["allowed_object_ids"][0] == people
    assert api.create("companies", cost=5).values["cost"][0]["currency_code"] == "EUR"


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"type": "colour"}, ["data", "type"]),
    ({"type": "personal-name"}, ["data", "type"]),
    ({"is_multiselect": True}, ["data", "is_multiselect"]),
    ({"type": "select", "is_unique": True}, ["data", "is_unique"]),
    ({"title": 5}, ["data", "title"]),
    ({"config": None}, ["data", "config"]),
    ({"config": {"colour": {}}}, ["data", "config"]),
    ({"config": {"currency": {}}}, ["data", "config", "currency", "default_currency_code"]),
    (
        {"type": "record-reference", "config": {"record_reference": {"allowed_objects": ["planets"]}}},
        ["data", "config", "record_reference", "allowed_objects"],
    ),
    (
        {"type": "record-reference", "config": {"record_reference": {"allowed_objects": []}}},
        ["data", "config", "record_reference", "allowed_objects"],
    ),
    ({"colour": "red"}, ["data"]),
]


def test_invalid_attributes_are_refused(api) -> None:
    for fields, path in INVALID:
        answer = create(api, **fields)
        assert answer.refusal == (400, "validation_type"), fields
        assert answer.json["validation_errors"][0]["path"] == path, fields
    assert api("GET", f"{ATTRIBUTES}/size").refusal == (404, "not_found")


def test_an_unknown_type_lists_the_valid_ones(api) -> None:
    (issue,) = create(api, type="colour").json["validation_errors"]
    assert issue["code"] == "invalid_option"
    assert "text" in issue["options"]
    assert "interaction" not in issue["options"]


def test_slugs_are_unique(api) -> None:
    assert create(api, api_slug="name").refusal == (409, "slug_conflict")
    create(api)
    assert change(api, "size", api_slug="name").refusal == (409, "slug_conflict")
    assert change(api, "size", api_slug="size").status == 200


def test_every_value_has_the_currency_of_its_attribute(api, new_id) -> None:
    create(api, type="currency")
    company = new_id("companies", size=5)
    api.patch("companies", company, size=6)
    config = {"currency": {"default_currency_code": "EUR", "display_type": "name"}}
    change(api, "size", config=config)
    history = f"/v2/objects/companies/records/{company}/attributes/size/values?show_historic=true"
    assert {value["currency_code"] for value in api("GET", history).data} == {"EUR"}


def test_an_unknown_currency_is_refused(api) -> None:
    config = {"currency": {"default_currency_code": "XXX", "display_type": "name"}}
    (issue,) = create(api, type="currency", config=config).json["validation_errors"]
    assert issue["path"][-1] == "default_currency_code"
    assert "EUR" in issue["options"]


def test_an_archived_attribute_is_neither_written_nor_matched(api, fake) -> None:
    fake.seed.add_attribute("companies", "size", "text", unique=True)
    change(api, "size", is_archived=True)
    assert api.create("companies", size="x").refusal == (400, "value_not_found")
    assert api.assert_("companies", "size", size="x").refusal == (400, "value_not_found")
    every = api("GET", f"{ATTRIBUTES}?show_archived=true").data
    assert [one["is_archived"] for one in every if one["api_slug"] == "size"] == [True]


def test_an_updated_attribute_keeps_its_values(api, new_id) -> None:
    create(api, type="text")
    company = new_id("companies", size="Big")
    api.patch("companies", company, size="Bigger")
    changed = change(
        api, "size", title="Scale", api_slug="scale", description="How big", is_required=True
    ).data
    assert (changed["title"], changed["api_slug"]) == ("Scale", "scale")
    assert changed["description"] == "How big"
    assert changed["is_required"] is True
    values = api.get("companies", company).values
    assert values["scale"][0]["value"] == "Bigger"
    assert "size" not in values
    history = f"/v2/objects/companies/records/{company}/attributes/scale/values?show_historic=true"
    assert [value["value"] for value in api("GET", history).data] == ["Big", "Bigger"]
    assert [a["api_slug"] for a in api("GET", ATTRIBUTES).data][-1] == "scale"


def test_a_reference_keeps_working_after_its_slug_changed(api, new_id) -> None:
    create(api, type="record-reference", api_slug="rival")
    rival = new_id("companies")
    company = new_id("companies", rival={"target_object": "companies", "target_record_id": rival})
    change(api, "rival", api_slug="competitor")
    api("DELETE", f"/v2/objects/companies/records/{rival}")
    assert api.get("companies", company).values["competitor"] == []


def test_an_attribute_can_become_unique(api, fake, new_id) -> None:
    fake.seed.add_attribute("people", "badge", "text")
    target = "/v2/objects/people/attributes/badge"
    first, second = new_id("people", badge="A"), new_id("people", badge="A")
    unique = {"data": {"is_unique": True}}
    assert api("PATCH", target, unique).refusal == (400, "validation_type")
    api.patch("people", second, badge="B")
    assert api("PATCH", target, unique).data["is_unique"] is True
    assert api.patch("people", second, badge="A").refusal == (400, "uniqueness_conflict")
    assert api.assert_("people", "badge", badge="A").data["id"]["record_id"] == first


def test_companies_take_no_more_unique_attributes(api) -> None:
    refused = create(api, type="text", is_unique=True)
    assert refused.refusal == (400, "validation_type")
    assert refused.json["validation_errors"][0]["path"] == ["data", "is_unique"]
    create(api, type="text")
    assert change(api, "size", is_unique=True).refusal == (400, "validation_type")


def test_archiving_hides_an_attribute(api, new_id) -> None:
    create(api)
    company = new_id("companies", size=5)
    assert change(api, "size", is_archived=True).data["is_archived"] is True
    assert "size" not in api.get("companies", company).values
    change(api, "size", is_archived=False)
    assert api.get("companies", company).values["size"][0]["value"] == 5


def test_configurations_are_updated(api) -> None:
    create(api, type="currency")
    config = {"currency": {"default_currency_code": "EUR", "display_type": "name"}}
    assert change(api, "size", config=config).data["config"]["currency"]["display_type"] == "name"


def test_system_attributes_are_not_updated(api) -> None:
    assert change(api, "name", title="Firm").refusal == (400, "system_edit_unauthorized")


@pytest.mark.parametrize(("type", "path"), [("select", "options"), ("status", "statuses")])
def test_options_and_statuses(api, fake, type: str, path: str) -> None:
    create(api, type=type)
    base = f"{ATTRIBUTES}/size/{path}"
    small = api("POST", base, {"data": {"title": "Small"}}).data
    large = api("POST", base, {"data": {"title": "Large"}}).data
    assert api("GET", base).data == [small, large]
    assert api("POST", base, {"data": {"title": "Large"}}).refusal == (409, "slug_conflict")
    assert api("POST", base, {"data": {"title": ""}}).refusal == (400, "validation_type")
    assert api("POST", base, {"data": {}}).refusal == (400, "validation_type")
    company = api.create("companies", size="Small").data["id"]["record_id"]
    identifier = small["id"][f"{'option' if type == 'select' else 'status'}_id"]
    changed = api("PATCH", f"{base}/{identifier}", {"data": {"title": "Tiny"}}).data
    assert changed == {**small, "title": "Tiny"}
    (value,) = api.get("companies", company).values["size"]
    assert value["option" if type == "select" else "status"] == changed
    assert api("PATCH", f"{base}/Tiny", {"data": {"title": "Large"}}).refusal == (409, "slug_conflict")
    assert api("PATCH", f"{base}/Tiny", {"data": {"is_archived": True}}).data["is_archived"] is True
    assert api("GET", base).data == [large]
    assert api("PATCH", f"{base}/Huge", {"data": {"title": "X"}}).refusal == (404, "not_found")
    assert api.create("companies", size="Tiny").refusal == (400, "value_not_found")


def test_a_status_has_a_celebration_and_a_target_time(api) -> None:
    create(api, type="status")
    base = f"{ATTRIBUTES}/size/statuses"
    made = api(
        "POST",
        base,
        {"data": {"title": "Won", "celebration_enabled": True, "target_time_in_status": "P1DT2H"}},
    )
    assert made.data["celebration_enabled"] is True
    assert made.data["target_time_in_status"] == "P1DT2H"
    assert (
        api("PATCH", f"{base}/Won", {"data": {"target_time_in_status": None}}).data["target_time_in_status"]
        is None
    )
    for duration in ("a while", "P", "P1DT"):
        refused = api("PATCH", f"{base}/Won", {"data": {"target_time_in_status": duration}})
        assert refused.refusal == (400, "validation_type"), duration


def test_only_select_attributes_have_options(api) -> None:
    assert api("POST", f"{ATTRIBUTES}/name/options", {"data": {"title": "X"}}).refusal == (404, "not_found")


def test_the_options_of_a_status_attribute_are_an_empty_list(api) -> None:
    create(api, type="status")
    options, statuses = f"{ATTRIBUTES}/size/options", f"{ATTRIBUTES}/size/statuses"
    api("POST", statuses, {"data": {"title": "Won"}})
    assert api("GET", options).data == []
    assert api("POST", options, {"data": {"title": "Lost"}}).refusal == (404, "not_found")
    assert [one["title"] for one in api("GET", statuses).data] == ["Won"]


def test_attributes_are_paged(api) -> None:
    every = api("GET", "/v2/objects/companies/attributes").data
    assert api("GET", "/v2/objects/companies/attributes?limit=2&offset=3").data == every[3:5]
    assert api("GET", "/v2/objects/companies/attributes?offset=3").data == every[3:]
    assert api("GET", "/v2/objects/companies/attributes?lmit=2").data == every
    refused = api("GET", "/v2/objects/companies/attributes?limit=-1&offset=x")
    assert refused.refusal == (400, "validation_type")
    assert [issue["path"] for issue in refused.json["validation_errors"]] == [["limit"], ["offset"]]


def test_archived_attributes_and_options_are_hidden_by_default(api, fake) -> None:
    fake.seed.add_attribute("companies", "motto", "text")
    fake.seed.add_attribute("companies", "sector", "select", options=["AI"])
    company = api.create("companies", motto="x", sector="AI").data["id"]["record_id"]
    change(api, "motto", is_archived=True)
    api("PATCH", f"{ATTRIBUTES}/sector/options/AI", {"data": {"is_archived": True}})
    values = api.get("companies", company).values
    assert "motto" not in values
    assert values["sector"][0]["option"]["is_archived"] is True
    for target, title in ((ATTRIBUTES, "Motto"), (f"{ATTRIBUTES}/sector/options", "AI")):
        shown = [one["title"] for one in api("GET", target).data]
        every = [one["title"] for one in api("GET", f"{target}?show_archived=true").data]
        assert (title in shown, title in every) == (False, True)
    assert api.create("companies", sector="AI").refusal == (400, "value_not_found")
