"""The documented forms of every attribute type, and invalid ones."""

from typing import Any

import pytest

from attio_async.testing import FakeAttio

PLACE = {
    "line_1": "1 Infinite Loop",
    "line_2": None,
    "line_3": None,
    "line_4": None,
    "locality": "Cupertino",
    "region": "CA",
    "postcode": "95014",
    "country_code": "US",
    "latitude": "37.331741",
    "longitude": "-122.030333",
}
NAME = {"first_name": "Ada", "last_name": "Lovelace", "full_name": "Ada Lovelace"}
NOWHERE = dict.fromkeys(PLACE)


@pytest.fixture
def fake(fake: FakeAttio) -> FakeAttio:
    fake.seed.add_object("things")
    for kind in [
        "text",
        "number",
        "checkbox",
        "currency",
        "date",
        "timestamp",
        "rating",
        "location",
        "domain",
        "email-address",
        "phone-number",
        "personal-name",
        "actor-reference",
    ]:
        fake.seed.add_attribute("things", kind.replace("-", "_"), kind)
    fake.seed.add_attribute("things", "select", "select", options=["One", "Two"])
    fake.seed.add_attribute("things", "status", "status", options=["Open", "Done"])
    fake.seed.add_attribute("things", "company", "record-reference", allowed_objects=["companies"])
    fake.seed.add_attribute("things", "anything", "record-reference")
    fake.seed.add_record("companies", {"domains": ["acme.com"]})
    return fake


VALID: list[tuple[str, object, dict[str, Any]]] = [
    ("text", "x", {"value": "x"}),
    ("text", [{"value": "x"}], {"value": "x"}),
    ("number", 3.1415, {"value": 3.1415}),
    ("number", [{"value": 3.0}], {"value": 3}),
    ("checkbox", True, {"value": True}),
    ("checkbox", "false", {"value": False}),
    ("checkbox", [{"value": "true"}], {"value": True}),
    ("currency", 4.99, {"currency_value": 4.99, "currency_code": "USD"}),
    ("currency", "399.00", {"currency_value": 399, "currency_code": "USD"}),
    ("currency", [{"currency_value": "4.9900"}], {"currency_value": 4.99}),
    ("date", "2023-01-02T23:00:00-10:00", {"value": "2023-01-03"}),
    ("date", [{"value": "2023"}], {"value": "2023-01-01"}),
    ("timestamp", "2023-01-02T15:00+02:00", {"value": "2023-01-02T13:00:00.000000000Z"}),
    ("rating", 5, {"value": 5}),
    ("rating", {"value": 0}, {"value": 0}),
    ("location", PLACE, PLACE),
    ("location", "1 Infinite Loop, Cupertino, CA, 95014, US", {**PLACE, "latitude": None, "longitude": None}),
    ("location", "Paris", {**NOWHERE, "locality": "Paris"}),
    ("location", "Paris, FR", {**NOWHERE, "locality": "Paris", "country_code": "FR"}),
    ("location", "Austin, Texas", {**NOWHERE, "locality": "Austin", "region": "Texas"}),
    ("location", "10 Main St, Austin", {**NOWHERE, "line_1": "10 Main St", "locality": "Austin"}),
    ("domain", "HTTPS://Acme.com/x", {"domain": "acme.com", "root_domain": "acme.com"}),
    ("domain", [{"domain": "acme.com"}], {"domain": "acme.com"}),
    (
        "email_address",
        "Ada@Acme.com",
        {"email_address": "ada@acme.com", "original_email_address": "Ada@Acme.com"},
    ),
    ("email_address", [{"email_address": "a@b.org"}], {"email_domain": "b.org"}),
    ("phone_number", "+447777777777", {"phone_number": "+447777777777", "country_code": "GB"}),
    (
        "phone_number",
        {"original_phone_number": "+44 7777777777", "country_code": None},
        {"country_code": "GB"},
    ),
    (
        "phone_number",
        [{"original_phone_number": "07777 777777", "country_code": "GB"}],
        {"country_code": "GB"},
    ),
    ("personal_name", NAME, NAME),
    ("personal_name", "Lovelace, Ada", NAME),
    ("personal_name", "Ada", {"first_name": "Ada", "last_name": "", "full_name": "Ada"}),
    ("personal_name", "Byron, Ada, Countess", {"first_name": "Ada, Countess", "last_name": "Byron"}),
]

INVALID: list[tuple[str, object, list[str]]] = [
    ("text", 5, ["value"]),
    ("text", {"title": "x"}, ["value"]),
    ("text", {"value": "x", "more": 1}, []),
    ("number", "5", ["value"]),
    ("number", True, ["value"]),
    ("number", 1.23456, ["value"]),
    ("number", 1e300, ["value"]),
    ("checkbox", "yes", ["value"]),
    ("checkbox", 1, ["value"]),
    ("currency", "12,50", ["currency_value"]),
    ("currency", "NaN", ["currency_value"]),
    ("currency", "Infinity", ["currency_value"]),
    ("currency", {"currency_value": 1, "currency_code": "EUR"}, []),
    ("date", "02/01/2023", ["value"]),
    ("date", 2023, ["value"]),
    ("timestamp", "soon", ["value"]),
    ("rating", 6, ["value"]),
    ("rating", 2.5, ["value"]),
    ("location", {"locality": "Paris"}, ["line_1"]),
    ("location", {**PLACE, "city": "x"}, []),
    ("location", {**PLACE, "country_code": "USA"}, ["country_code"]),
    ("location", {**PLACE, "latitude": "137"}, ["latitude"]),
    ("location", " , ", []),
    ("domain", "not a domain", ["domain"]),
    ("email_address", "nobody", ["email_address"]),
    ("phone_number", "07777 777777", ["original_phone_number"]),
    ("phone_number", {"country_code": "GB"}, ["original_phone_number"]),
    ("phone_number", {"original_phone_number": "+447777777777", "country_code": "UK!"}, ["country_code"]),
    ("phone_number", {"original_phone_number": "+447777777777", "country_code": ["GB"]}, ["country_code"]),
    ("phone_number", {"original_phone_number": "+447777777777", "country_code": "XX"}, ["country_code"]),
    ("location", {**PLACE, "country_code": "XX"}, ["country_code"]),
    ("text", "x" * 10_000_001, ["value"]),
    ("personal_name", {"first_name": "Ada"}, ["last_name"]),
    ("personal_name", {**NAME, "last_name": None}, ["last_name"]),
    ("personal_name", 7, []),
    ("select", 7, ["option"]),
    ("company", {"target_record_id": "x"}, ["target_object"]),
    ("company", {"target_object": "companies"}, []),
    ("company", {"target_object": "people", "target_record_id": "x"}, ["target_object"]),
    ("company", {"target_object": "companies", "name": [{"value": "Acme"}]}, ["name"]),
    ("anything", "acme.com", []),
    (
        "actor_reference",
        {"referenced_actor_type": "system", "referenced_actor_id": "x"},
        ["referenced_actor_type"],
    ),
]


def test_every_documented_form_is_stored(api) -> None:
    for slug, written, stored in VALID:
        (value,) = api.create("things", **{slug: written}).values[slug]
        assert stored.items() <= value.items(), (slug, written)
        assert value["attribute_type"] == slug.replace("_", "-")
        assert value["active_until"] is None
        assert value["active_from"].endswith("000Z")
        assert value["created_by_actor"]["type"] == "api-token"


def test_other_forms_are_refused_with_the_path_of_the_issue(api) -> None:
    misfits = []
    for slug, written, path in INVALID:
        answer = api.create("things", **{slug: written})
        paths = [issue["path"] for issue in answer.json.get("validation_errors", [])]
        if answer.refusal != (400, "validation_type") or paths[:1] != [path]:
            misfits.append((slug, written, answer))
        assert f'"{slug}"' in answer.json["message"]
    assert misfits == []
    assert api.query("things").data == []


def test_a_name_in_the_form_of_other_values_lacks_its_parts(api) -> None:
    answer = api.create("people", name=[{"value": "Ada Lovelace"}])
    assert answer.json["message"] == 'An invalid value was passed to attribute with slug "name".'
    assert [(issue["path"], issue["message"]) for issue in answer.json["validation_errors"]] == [
        (["first_name"], "Required"),
        (["last_name"], "Required"),
        (["full_name"], "Required"),
    ]


def test_every_issue_of_a_value_is_reported(api) -> None:
    answer = api.create("things", location={"locality": 5, "town": "x"})
    issues = {(tuple(issue["path"]), issue["code"]) for issue in answer.json["validation_errors"]}
    assert {
        (("line_1",), "invalid_type"),
        ((), "unrecognized_keys"),
        (("locality",), "invalid_type"),
    } <= issues


def test_options_are_written_by_title_or_id(api) -> None:
    option = api("GET", "/v2/objects/things/attributes/select/options").data[1]
    for written in ("Two", [{"option": "Two"}], option["id"]["option_id"]):
        (value,) = api.create("things", select=written).values["select"]
        assert value["option"] == option
    status = api("GET", "/v2/objects/things/attributes/status/statuses").data[0]
    (value,) = api.create("things", status={"status": "Open"}).values["status"]
    assert value["status"] == status
    assert status["celebration_enabled"] is False


def test_an_unknown_option_is_an_error_that_lists_the_options(api) -> None:
    for slug, title in (("select", "Three"), ("select", "two"), ("status", "Lead")):
        answer = api.create("things", **{slug: title})
        assert answer.refusal == (400, "value_not_found")
        assert ("'Two'" if slug == "select" else "'Done'") in answer.json["message"]


def test_references_are_written_by_id_unique_attribute_or_text(api, fake) -> None:
    company = fake.records("companies")[0]["id"]["record_id"]
    for written in (
        "acme.com",
        {"target_object": "companies", "target_record_id": company},
        [{"target_object": "companies", "domains": [{"domain": "acme.com"}]}],
        {"target_object": "companies", "domains": "https://acme.com"},
    ):
        (value,) = api.create("things", company=written).values["company"]
        assert (value["target_object"], value["target_record_id"]) == ("companies", company)


def test_an_unknown_record_is_an_error(api) -> None:
    unknown = {"target_object": "companies", "target_record_id": "4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c"}
    for written in ("nobody.com", unknown):
        assert api.create("things", company=written).refusal == (400, "value_not_found")


def test_an_unknown_record_is_named(api) -> None:
    for domains, named in (
        ("x.com", "x.com"),
        ([{"domain": "x.com"}], "x.com"),
        (["x.com", {"domain": "y.com"}], "x.com, y.com"),
    ):
        answer = api.create("things", company={"target_object": "companies", "domains": domains})
        assert f'Cannot find record "{named}" of object "companies"' in answer.json["message"]


def test_an_unknown_target_object_is_an_error(api) -> None:
    written = {"target_object": "planets", "target_record_id": "x"}
    assert api.create("things", anything=written).refusal == (400, "value_not_found")


def test_members_are_written_by_email_or_id(api) -> None:
    member = api("GET", "/v2/workspace_members").data[1]
    member_id = member["id"]["workspace_member_id"]
    for written in (
        member["email_address"].upper(),
        {"workspace_member_email_address": member["email_address"]},
        [{"referenced_actor_type": "workspace-member", "referenced_actor_id": member_id}],
    ):
        (value,) = api.create("things", actor_reference=written).values["actor_reference"]
        assert (value["referenced_actor_type"], value["referenced_actor_id"]) == (
            "workspace-member",
            member_id,
        )
    assert api.create("things", actor_reference="x@y.org").refusal == (400, "value_not_found")


def test_interactions_are_seeded_only(api, fake) -> None:
    interaction = {
        "interaction_type": "email",
        "interacted_at": "2026-01-01",
        "owner_actor": {"type": "workspace-member", "id": "x"},
    }
    assert api.create("companies", last_email_interaction=interaction).refusal == (
        400,
        "system_edit_unauthorized",
    )
    record = fake.seed.add_record("companies", {"last_email_interaction": interaction})
    (value,) = record["values"]["last_email_interaction"]
    assert value["interacted_at"] == "2026-01-01T00:00:00.000000000Z"
    with pytest.raises(Exception, match="invalid value"):
        fake.seed.add_record("companies", {"last_email_interaction": "yesterday"})


def test_every_type_of_interaction_can_be_seeded_and_found(api, fake) -> None:
    types = ("activity", "calendar-event", "email", "meeting")
    actor = {"type": "workspace-member", "id": "x"}
    for type in types:
        met = {"interaction_type": type, "interacted_at": "2026-01-01", "owner_actor": actor}
        fake.seed.add_record("companies", {"last_interaction": met})
    for type in types:
        (found,) = api.query("companies", filter={"last_interaction": {"interaction_type": type}}).data
        assert found["values"]["last_interaction"][0]["interaction_type"] == type
    with pytest.raises(Exception, match="invalid value"):
        fake.seed.add_record("companies", {"last_interaction": {**met, "interaction_type": "dance"}})


def test_a_multiselect_attribute_takes_an_array(api) -> None:
    answer = api.create("companies", domains="acme.com")
    assert answer.refusal == (400, "validation_type")
    assert answer.json["validation_errors"][0]["expected"] == "array"


def test_a_single_value_attribute_takes_one_value(api) -> None:
    assert api.create("things", text=["a", "b"]).refusal == (
        400,
        "multiple_values_for_single_value_attribute",
    )


def test_a_value_written_twice_is_stored_once(api) -> None:
    values = api.create("companies", domains=["b.com", "a.com", "B.com", "https://a.com/"]).values["domains"]
    assert [value["domain"] for value in values] == ["b.com", "a.com"]
