"""What new records and entries get where nothing was written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from attio_async.testing import ApiProblem
from attio_async.testing._timestamps import after, is_duration

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


@pytest.mark.parametrize(
    ("type", "written", "property", "stored"),
    [
        ("text", {"value": "x"}, "value", "x"),
        ("number", 5, "value", 5),
        ("checkbox", {"value": False}, "value", False),
        ("currency", {"currency_value": 5}, "currency_value", 5),
        ("rating", {"value": 3}, "value", 3),
        ("date", {"value": "2026-02-03"}, "value", "2026-02-03"),
        ("domain", {"domain": "https://acme.com"}, "root_domain", "acme.com"),
        ("phone-number", "+442079460000", "country_code", "GB"),
        ("actor-reference", "ada@fake-workspace.test", "referenced_actor_type", "workspace-member"),
    ],
)
def test_static_defaults(api, type: str, written: object, property: str, stored: object) -> None:
    made = create(api, type, static(written)).data
    assert made["is_default_value_enabled"] is True
    (shown,) = made["default_value"]["template"]
    assert shown[property] == stored
    assert shown["attribute_type"] == type
    assert "active_from" not in shown
    (value,) = api.create("companies").values["due"]
    assert value[property] == stored
    assert value["created_by_actor"]["type"] == "api-token"


def test_what_is_written_wins_even_nothing(api) -> None:
    create(api, "number", static(5))
    assert api.create("companies", due=6).values["due"][0]["value"] == 6
    assert api.create("companies", due=[]).values["due"] == []
    assert api.create("companies", due=None).values["due"] == []


def test_an_update_sets_no_defaults(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    create(api, "number", static(5))
    api.patch("companies", company, name="Acme")
    assert api.assert_("companies", "domains", domains=["acme.com"]).values["due"] == []
    assert api.assert_("companies", "domains", domains=["new.com"]).values["due"][0]["value"] == 5


def test_a_default_satisfies_what_is_required(api) -> None:
    create(api, "number", static(5), is_required=True)
    assert api.create("companies").status == 200


def test_entries_have_defaults(api, fake) -> None:
    fake.seed.add_list("leads", parent="companies")
    api("POST", "/v2/lists/leads/attributes", {"data": {**NEW, "type": "text", "default_value": static("x")}})
    company = fake.seed.add_record("companies", {})["id"]["record_id"]
    body = {"data": {"parent_object": "companies", "parent_record_id": company, "entry_values": {}}}
    entry = api("POST", "/v2/lists/leads/entries", body).data
    assert entry["entry_values"]["due"][0]["value"] == "x"


def test_dynamic_moments_count_from_now(api, clock) -> None:
    clock.advance(30 * 86_400)  # from 2026-01-01 to 2026-01-31
    create(api, "timestamp", dynamic("P1MT1.5S"))
    create(api, "date", dynamic("P1W"), api_slug="day")
    values = api.create("companies").values
    assert values["due"][0]["value"] == "2026-02-28T00:00:01.500000000Z"
    assert values["day"][0]["value"] == "2026-02-07"


def test_the_current_user_is_whoever_holds_the_token(api) -> None:
    create(api, "actor-reference", dynamic("current-user"))
    (value,) = api.create("companies").values["due"]
    assert value["referenced_actor_id"] == value["created_by_actor"]["id"]


def test_archived_options_and_deleted_records_are_left_out(api, fake, new_id) -> None:
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


def test_defaults_change_and_go(api) -> None:
    create(api, "number", static(5))
    changed = api("PATCH", f"{ATTRIBUTES}/due", {"data": {"default_value": static(6)}}).data
    assert changed["default_value"]["template"] == [{"value": 6, "attribute_type": "number"}]
    assert api("PATCH", f"{ATTRIBUTES}/due", {"data": {"title": "X"}}).data["is_default_value_enabled"]
    gone = api("PATCH", f"{ATTRIBUTES}/due", {"data": {"default_value": None}}).data
    assert gone["default_value"] is None
    assert gone["is_default_value_enabled"] is False
    assert api.create("companies").values["due"] == []


def test_those_of_the_system(api) -> None:
    created_at = api("GET", f"{ATTRIBUTES}/created_at").data
    assert created_at["default_value"] == dynamic("PT0S")
    assert api("GET", f"{ATTRIBUTES}/created_by").data["default_value"] == dynamic("current-user")


@pytest.mark.parametrize(
    ("type", "default", "path"),
    [
        ("number", {}, ["type"]),
        ("number", {"type": "other", "template": []}, ["type"]),
        ("number", {"type": "static"}, ["template"]),
        ("number", {"type": "static", "template": "5"}, ["template"]),
        ("number", static(), ["template"]),
        ("number", static(5, 6), ["template"]),
        ("number", static("x"), ["template", "0", "value"]),
        ("number", static(None), ["template", "0"]),
        ("number", dynamic("PT1H"), ["template"]),
        ("date", dynamic("soon"), ["template"]),
        ("date", dynamic("P9999Y"), ["template"]),
        ("actor-reference", dynamic("somebody"), ["template"]),
    ],
)
def test_defaults_that_cannot_be(api, type: str, default: object, path: list[str]) -> None:
    answer = create(api, type, default)
    assert answer.refusal == (400, "validation_type")
    assert answer.json["validation_errors"][0]["path"] == ["data", "default_value", *path]
    assert api("GET", f"{ATTRIBUTES}/due").status == 404


@pytest.mark.parametrize(
    ("duration", "moment"),
    [
        ("P1Y", "2025-02-28T12:00:00"),
        ("P1M", "2024-03-29T12:00:00"),
        ("-P1M", "2024-01-29T12:00:00"),
        ("P2W1D", "2024-03-15T12:00:00"),
        ("PT36H", "2024-03-02T00:00:00"),
        ("PT0,5M", "2024-02-29T12:00:30"),
        ("P10M1DT12H", "2024-12-31T00:00:00"),
        ("+P11M", "2025-01-29T12:00:00"),
    ],
)
def test_durations(duration: str, moment: str) -> None:
    assert is_duration(duration)
    assert after(datetime(2024, 2, 29, 12, tzinfo=UTC), duration) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize("text", ["", "P", "PT", "P1H", "PT1D", "1M", "P1M2Y", "P1.5M", "P\u0661D"])
def test_what_is_no_duration(text: str) -> None:
    assert not is_duration(text)
    with pytest.raises(ValueError, match="duration"):
        after(datetime(2024, 1, 1, tzinfo=UTC), text)


@pytest.mark.parametrize("duration", ["P9000Y", "-P3000Y", "P9999999D", "-P9999999D"])
def test_durations_that_leave_the_calendar(duration: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        after(datetime(2024, 1, 1, tzinfo=UTC), duration)


def test_defaults_without_requests(api, fake) -> None:
    fake.seed.add_attribute("companies", "size", "number", default=static(5))
    fake.seed.add_attribute("companies", "due", "date", default=dynamic("P1M"))
    values = api.create("companies").values
    assert values["size"][0]["value"] == 5
    assert values["due"][0]["value"] == "2026-02-01"
    with pytest.raises(ApiProblem):
        fake.seed.add_attribute("companies", "other", "number", default=dynamic("P1M"))
    assert api("GET", f"{ATTRIBUTES}/other").status == 404
