"""Creating, asserting, updating and deleting records."""

from attio_async.testing import VirtualClock


def domains(answer) -> list[str]:
    return [value["domain"] for value in answer.values["domains"]]


def titles(answer) -> list[str]:
    return [value["option"]["title"] for value in answer.values["categories"]]


def test_a_created_record_has_every_attribute(api) -> None:
    answer = api.create("companies", name="Acme", domains=["acme.com"])
    record = answer.data
    assert set(record) == {"id", "created_at", "web_url", "values"}
    assert record["web_url"].endswith(f"/company/{record['id']['record_id']}")
    assert record["values"]["description"] == []
    assert record["values"]["record_id"][0]["value"] == record["id"]["record_id"]
    assert record["values"]["created_at"][0]["value"] == record["created_at"]
    assert record["values"]["created_by"][0]["referenced_actor_type"] == "api-token"
    assert api.get("companies", record["id"]["record_id"]).data == record


def test_attributes_and_objects_are_found_by_id(api) -> None:
    attribute = api("GET", "/v2/objects/companies/attributes/name").data["id"]
    answer = api.create(attribute["object_id"], **{attribute["attribute_id"]: "Acme"})
    assert answer.values["name"][0]["value"] == "Acme"
    both = {attribute["attribute_id"]: "Acme", "name": "Acme"}
    assert api.create("companies", **both).refusal == (400, "validation_type")


INVALID = [
    ({"nope": 1}, "value_not_found"),
    ({"created_at": "2026-01-01"}, "system_edit_unauthorized"),
    ({"record_id": "x"}, "system_edit_unauthorized"),
    ({"domains": ["acme.com"]}, "uniqueness_conflict"),
]


def test_invalid_values_are_refused(api, new_id) -> None:
    new_id("companies", domains=["acme.com"])
    for values, code in INVALID:
        answer = api.create("companies", name="New", **values)
        assert answer.refusal == (400, code)
    assert len(api.query("companies").data) == 1


def test_the_live_messages_of_a_conflict_name_the_attribute_and_no_record(api, new_id) -> None:
    attribute = api("GET", "/v2/objects/companies/attributes/domains").data["id"]["attribute_id"]
    new_id("companies", domains=["acme.com"])
    other = new_id("companies", name="Other")
    for answer, named in (
        (api.create("companies", domains=["acme.com"]), f'ID "{attribute}"'),
        (api.patch("companies", other, domains=["acme.com"]), 'slug "domains"'),
    ):
        assert answer.refusal == (400, "uniqueness_conflict")
        assert answer.json["message"] == (
            r'The value "{\"domain\":\"acme.com\"}" provided for attribute with '.replace("\\\\", "\\")
            + f"{named} conflicts with one already in the system."
        )


def test_required_attributes_are_neither_missing_nor_cleared(api) -> None:
    values = {"name": "Big one", "stage": "Lead", "owner": "ada@fake-workspace.example.com"}
    for slug in values:
        answer = api.create("deals", **{key: value for key, value in values.items() if key != slug})
        assert answer.refusal == (400, "missing_value")
        assert f'"{slug}"' in answer.json["message"]
    deal = api.create("deals", **values).data["id"]["record_id"]
    assert api.put("deals", deal, name=[]).refusal == (400, "missing_value")
    assert api.patch("deals", deal, name=None).refusal == (400, "missing_value")
    assert api.patch("deals", deal, value=5).values["name"][0]["value"] == "Big one"


def test_patch_prepends_and_put_replaces(api, new_id) -> None:
    company = new_id("companies", domains=["a.com"], categories=["Mobile"])
    assert domains(api.patch("companies", company, domains=["b.com", "a.com"])) == ["b.com", "a.com"]
    assert titles(api.patch("companies", company, categories=["B2B"])) == ["B2B", "Mobile"]
    assert titles(api.put("companies", company, categories=["SAAS"])) == ["SAAS"]
    assert domains(api.get("companies", company)) == ["b.com", "a.com"]


def test_an_empty_list_clears_with_put_and_does_nothing_with_patch(api, new_id) -> None:
    company = new_id("companies", domains=["a.com"], name="A")
    assert domains(api.patch("companies", company, domains=[])) == ["a.com"]
    assert api.patch("companies", company, name=[]).values["name"][0]["value"] == "A"
    assert api.patch("companies", company, domains=None, name=None).values["name"] == []
    assert domains(api.get("companies", company)) == ["a.com"]
    assert domains(api.put("companies", company, domains=[])) == []


def test_assert_creates_a_record_or_updates_the_match(api) -> None:
    first = api.assert_("companies", "domains", domains=["a.com"], name="A")
    again = api.assert_("companies", "domains", domains=["b.com", "https://a.com/x"], name="B")
    assert again.data["id"] == first.data["id"]
    assert again.values["name"][0]["value"] == "B"
    assert domains(again) == ["a.com", "b.com"]


def test_assert_replaces_every_multiselect_attribute_but_the_matching_one(api) -> None:
    api.assert_("companies", "domains", domains=["a.com"], categories=["Mobile", "B2B"])
    answer = api.assert_("companies", "domains", domains=["a.com"], categories=["SAAS"])
    assert titles(answer) == ["SAAS"]


def test_assert_by_a_single_value_attribute(api) -> None:
    api.assert_("workspaces", "workspace_id", workspace_id="w1", name="One")
    answer = api.assert_("workspaces", "workspace_id", workspace_id="w1", name="Uno")
    assert answer.values["name"][0]["value"] == "Uno"
    assert len(api.query("workspaces").data) == 1


def test_assert_needs_a_unique_attribute_with_a_value_and_one_match(api) -> None:
    api.create("companies", domains=["a.com"])
    api.create("companies", domains=["b.com"])
    refused = {
        "matching_attribute_definition_not_unique": api.assert_("companies", "name", name="A"),
        "missing_value": api.assert_("companies", "domains", name="A"),
        "multiple_match_results": api.assert_("companies", "domains", domains=["a.com", "b.com"]),
        "value_not_found": api.assert_("companies", "nope", name="A"),
        "validation_type": api("PUT", "/v2/objects/companies/records", {"data": {"values": {}}}),
    }
    assert {code: answer.refusal for code, answer in refused.items()} == {
        code: (400, code) for code in refused
    }
    assert api.assert_("companies", "domains", domains=[]).refusal == (400, "missing_value")


def test_assert_by_record_id_updates_and_never_creates(api, new_id) -> None:
    company = new_id("companies", name="A")
    assert (
        api.assert_("companies", "record_id", record_id=company, name="B").values["name"][0]["value"] == "B"
    )
    unknown = api.assert_("companies", "record_id", record_id="4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c")
    assert unknown.refusal == (400, "value_not_found")


def test_assert_does_not_take_a_unique_value_of_another_record(api) -> None:
    api.create("users", user_id="1", primary_email_address="a@x.org")
    api.create("users", user_id="2", primary_email_address="b@x.org")
    answer = api.assert_("users", "user_id", user_id="1", primary_email_address="b@x.org")
    assert answer.refusal == (400, "uniqueness_conflict")


def test_a_freed_unique_value_can_be_used_again(api, new_id) -> None:
    first = new_id("companies", domains=["a.com"])
    api.put("companies", first, domains=["b.com"])
    second = new_id("companies", domains=["a.com"])
    assert api("DELETE", f"/v2/objects/companies/records/{second}").json == {}
    assert api.patch("companies", first, domains=["a.com"]).status == 200


def test_unchanged_values_keep_their_start_and_others_become_history(
    api, new_id, clock: VirtualClock
) -> None:
    company = new_id("companies", domains=["a.com"], name="A")
    before = api.get("companies", company).values
    clock.advance(60)
    after = api.patch("companies", company, domains=["b.com", "a.com"], name="B").values
    assert after["domains"][1] == before["domains"][0]
    assert after["name"][0]["active_from"] == "2026-01-01T00:01:00.000000000Z"
    assert api.patch("companies", company, name="B").values["name"] == after["name"]
    history = f"/v2/objects/companies/records/{company}/attributes/name/values?show_historic=true"
    assert [(value["value"], value["active_until"]) for value in api("GET", history).data] == [
        ("A", after["name"][0]["active_from"]),
        ("B", None),
    ]


def test_a_deleted_record_is_not_found(api, new_id) -> None:
    company = new_id("companies", domains=["a.com"])
    answer = api("DELETE", f"/v2/objects/companies/records/{company}")
    assert (answer.status, answer.json) == (200, {})
    assert api.get("companies", company).refusal == (404, "not_found")
    assert api("DELETE", f"/v2/objects/companies/records/{company}").refusal == (404, "not_found")
    assert api.patch("companies", company, name="A").refusal == (404, "not_found")


INVALID_BODIES: list[tuple[object, list[str]]] = [
    ({}, ["data"]),
    ({"data": []}, ["data"]),
    ({"data": {}}, ["data", "values"]),
    ({"data": {"values": []}}, ["data", "values"]),
    ({"data": {"values": {}, "more": 1}}, ["data"]),
    ([], []),
]


def test_invalid_bodies_are_refused(api) -> None:
    for body, path in INVALID_BODIES:
        answer = api("POST", "/v2/objects/companies/records", body)
        assert answer.refusal == (400, "validation_type"), body
        assert [issue["path"] for issue in answer.json["validation_errors"]] == [path], body


def test_invalid_json_is_refused(api, fake) -> None:
    headers = {"Authorization": f"Bearer {fake.token}"}
    for body in (b"{", b"\xff", b'{"data": NaN}'):
        answer = api.answer(fake.handle("POST", "/v2/objects/companies/records", headers, body))
        assert answer.refusal == (400, "validation_type")


def test_unknown_names_in_the_path_are_not_found(api) -> None:
    assert api.create("planets", name="x").refusal == (404, "not_found")
    assert api.query("planets").refusal == (404, "not_found")
    assert api.get("companies", "nope").refusal == (404, "not_found")
    assert api("GET", "/v2/objects/planets").refusal == (404, "not_found")
    assert api("GET", "/v2/objects/planets/attributes").refusal == (404, "not_found")
    assert api("GET", "/v2/objects/companies/attributes/nope").refusal == (404, "not_found")
    assert api("GET", "/v2/objects/companies/attributes/name/options").refusal == (404, "not_found")
    assert api("GET", "/v2/workspace_members/nope").refusal == (404, "not_found")
