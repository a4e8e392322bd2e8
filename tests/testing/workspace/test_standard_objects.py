"""Objects, attributes, options, members and the token, as the API shows them."""

import pytest

from attio_async.testing import ApiProblem, FakeAttio
from attio_async.testing._schema import ATTRIBUTE_TYPES


def test_the_standard_objects(api) -> None:
    objects = api("GET", "/v2/objects").data
    assert [kind["api_slug"] for kind in objects] == ["people", "companies", "deals", "users", "workspaces"]
    for kind in objects:
        assert api("GET", f"/v2/objects/{kind['api_slug']}").data == kind
        assert api("GET", f"/v2/objects/{kind['id']['object_id']}").data == kind


def test_every_object_has_the_common_attributes_read_only(api) -> None:
    for slug in ("people", "companies", "deals", "users", "workspaces"):
        attributes = {a["api_slug"]: a for a in api("GET", f"/v2/objects/{slug}/attributes").data}
        for common, kind in (
            ("record_id", "text"),
            ("created_at", "timestamp"),
            ("created_by", "actor-reference"),
        ):
            assert attributes[common]["type"] == kind
            assert attributes[common]["is_writable"] is False


@pytest.mark.parametrize(
    ("kind", "slug", "facts"),
    [
        ("people", "email_addresses", {"type": "email-address", "is_unique": True, "is_multiselect": True}),
        ("companies", "domains", {"type": "domain", "is_unique": True, "is_multiselect": True}),
        ("companies", "categories", {"type": "select", "is_multiselect": True, "is_unique": False}),
        ("companies", "logo_url", {"type": "text", "is_writable": False}),
        ("deals", "stage", {"type": "status", "is_required": True, "is_multiselect": False}),
        ("users", "primary_email_address", {"type": "email-address", "is_required": True, "is_unique": True}),
        ("workspaces", "workspace_id", {"type": "text", "is_required": True, "is_unique": True}),
    ],
)
def test_facts_of_standard_attributes(api, kind: str, slug: str, facts: dict) -> None:
    attribute = api("GET", f"/v2/objects/{kind}/attributes/{slug}").data
    assert facts.items() <= attribute.items()
    assert api("GET", f"/v2/objects/{kind}/attributes/{attribute['id']['attribute_id']}").data == attribute


def test_deals_have_no_unique_attribute_of_their_own(api) -> None:
    unique = [a["api_slug"] for a in api("GET", "/v2/objects/deals/attributes").data if a["is_unique"]]
    assert unique == ["record_id"]


def test_attributes_are_paged_with_limit_and_offset(api) -> None:
    every = api("GET", "/v2/objects/companies/attributes").data
    assert api("GET", "/v2/objects/companies/attributes?limit=2&offset=3").data == every[3:5]
    assert api("GET", "/v2/objects/companies/attributes?offset=3").data == every[3:]
    assert api("GET", "/v2/objects/companies/attributes?lmit=2").data == every
    refused = api("GET", "/v2/objects/companies/attributes?limit=-1&offset=x")
    assert refused.refusal == (400, "validation_type")
    assert [issue["path"] for issue in refused.json["validation_errors"]] == [["limit"], ["offset"]]


def test_archived_things_are_hidden_unless_asked_for(api, fake, new_id) -> None:
    company = new_id("companies", description="x", categories=["AI"])
    kind = fake._state.workspace.data.objects["companies"]
    kind.attributes["description"].is_archived = True
    kind.attributes["categories"].choice("AI").is_archived = True
    values = api.get("companies", company).values
    assert "description" not in values
    assert values["categories"][0]["option"]["is_archived"] is True
    for target, name in (
        ("attributes", "Description"),
        ("attributes/categories/options", "AI"),
    ):
        shown = [thing["title"] for thing in api("GET", f"/v2/objects/companies/{target}").data]
        every = [
            thing["title"] for thing in api("GET", f"/v2/objects/companies/{target}?show_archived=true").data
        ]
        assert name not in shown
        assert name in every
    assert api.create("companies", categories=["AI"]).refusal == (400, "value_not_found")


def test_members(api, fake) -> None:
    fake.seed.add_member("new@acme.com", "New", "Member")
    members = api("GET", "/v2/workspace_members").data
    assert [member["email_address"] for member in members][-1] == "new@acme.com"
    member_id = members[0]["id"]["workspace_member_id"]
    assert api("GET", f"/v2/workspace_members/{member_id}").data == members[0]


def test_self_tells_about_a_living_token_and_only_that_of_a_dead_one(api, fake) -> None:
    alive = api("GET", "/v2/self").json
    assert alive["active"] is True
    assert "record_permission:read-write" in alive["scope"].split()
    assert "record_permission:read" not in alive["scope"].split()
    assert alive["workspace_id"] == alive["sub"]
    fake.auth.revoke_token()
    assert api("GET", "/v2/self").json == {"active": False}
    assert api("GET", "/v2/objects").refusal == (401, "unauthorized")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}])
def test_without_a_token_nothing_is_answered(api, fake, headers: dict[str, str]) -> None:
    for path in ("/v2/self", "/v2/objects"):
        answer = api.answer(fake.handle("GET", path, headers, b""))
        assert answer.refusal == (401, "unauthorized")
        assert answer.json["type"] == "auth_error"


def test_custom_objects_take_attributes_of_every_type(api, fake) -> None:
    fake.seed.add_object("things", "Thing", "Things")
    for kind in ATTRIBUTE_TYPES:
        fake.seed.add_attribute(
            "things", kind.replace("-", "_"), kind, options=["A"] if kind in ("select", "status") else ()
        )
    attributes = api("GET", "/v2/objects/things/attributes").data
    assert {attribute["type"] for attribute in attributes} == set(ATTRIBUTE_TYPES)
    config = api("GET", "/v2/objects/things/attributes/currency").data["config"]
    assert config["currency"] == {"default_currency_code": "USD", "display_type": "symbol"}
    assert api.create("things", text="x").data["web_url"].split("/")[-2] == "thing"


def test_what_cannot_be_added_is_refused(fake: FakeAttio) -> None:
    with pytest.raises(ValueError, match="already"):
        fake.seed.add_object("people")
    with pytest.raises(ValueError, match="already"):
        fake.seed.add_attribute("people", "name", "text")
    with pytest.raises(ValueError, match="type"):
        fake.seed.add_attribute("people", "x", "colour")
    with pytest.raises(ValueError, match="multiselect"):
        fake.seed.add_attribute("people", "x", "text", multiselect=True)
    with pytest.raises(ValueError, match="cannot add"):
        fake.seed.add_option("people", "name", "x")
    with pytest.raises(ValueError, match="cannot add"):
        fake.seed.add_option("companies", "categories", "AI")
    with pytest.raises(ApiProblem, match="planets"):
        fake.seed.add_attribute("planets", "x", "text")
    with pytest.raises(ApiProblem, match="nope"):
        fake.seed.add_option("companies", "nope", "x")
    fake.seed.add_option("companies", "categories", "Space")
    assert fake.seed.add_record("companies", {"categories": ["Space"]})["values"]["categories"]
