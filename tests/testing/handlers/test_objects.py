"""Creating, updating and deleting objects."""

import pytest

from attio_async.testing._schema import ATTRIBUTE_TYPES

NEW = {"api_slug": "pets", "singular_noun": "Pet", "plural_noun": "Pets"}


def create(api, **fields: str):
    return api("POST", "/v2/objects", {"data": {**NEW, **fields}})


def test_an_object_is_created_and_holds_records(api) -> None:
    made = create(api).data
    assert {name: made[name] for name in NEW} == NEW
    assert api("GET", "/v2/objects/pets").data == made
    assert api("GET", "/v2/objects").data[-1] == made
    slugs = [one["api_slug"] for one in api("GET", "/v2/objects/pets/attributes").data]
    assert slugs == ["record_id", "created_at", "created_by"]
    assert api.create("pets").status == 200


def test_slugs_are_unique(api) -> None:
    assert create(api, api_slug="people").refusal == (409, "slug_conflict")
    create(api)
    assert create(api).refusal == (409, "slug_conflict")
    create(api, api_slug="others")
    assert api("PATCH", "/v2/objects/others", {"data": {"api_slug": "pets"}}).refusal == (
        409,
        "slug_conflict",
    )
    assert api("PATCH", "/v2/objects/others", {"data": {"api_slug": "others"}}).status == 200


@pytest.mark.parametrize("field", NEW)
def test_every_field_is_required(api, field: str) -> None:
    for body in ({**NEW, field: ""}, {name: NEW[name] for name in NEW if name != field}, {**NEW, "x": 1}):
        assert api("POST", "/v2/objects", {"data": body}).refusal == (400, "validation_type")


def test_the_nouns_of_standard_objects_can_be_updated(api) -> None:
    changed = api("PATCH", "/v2/objects/people", {"data": {"plural_noun": "Folk"}}).data
    assert (changed["singular_noun"], changed["plural_noun"]) == ("Person", "Folk")
    assert api("PATCH", "/v2/objects/people", {"data": {"api_slug": "folk"}}).refusal == (
        400,
        "validation_type",
    )
    assert api("PATCH", "/v2/objects/planets", {"data": {}}).refusal == (404, "not_found")


def test_an_object_is_deleted_with_its_records_lists_and_references(api, fake, new_id) -> None:
    create(api)
    fake.seed.add_list("shown", parent="pets")
    fake.seed.add_attribute("people", "pet", "record-reference", allowed_objects=["pets"])
    fake.seed.add_attribute("people", "anything", "record-reference", allowed_objects=["pets", "companies"])
    pet = new_id("pets")
    fake.seed.add_entry("shown", pet)
    reference = {"target_object": "pets", "target_record_id": pet}
    person = new_id("people", pet=reference, anything=reference)
    assert api("DELETE", "/v2/objects/pets").json == {}
    assert api("GET", "/v2/objects/pets").status == 404
    assert api("GET", "/v2/lists/shown").status == 404
    values = api.get("people", person).values
    assert "pet" not in values
    assert values["anything"] == []
    allowed = api("GET", "/v2/objects/people/attributes/anything").data["config"]["record_reference"]
    assert len(allowed["allowed_object_ids"]) == 1
    assert create(api).status == 200


def test_standard_objects_are_not_deleted(api) -> None:
    assert api("DELETE", "/v2/objects/people").refusal == (400, "system_edit_unauthorized")
    assert api("DELETE", "/v2/objects/planets").refusal == (404, "not_found")


def test_objects_take_attributes_of_every_type(api, fake) -> None:
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
