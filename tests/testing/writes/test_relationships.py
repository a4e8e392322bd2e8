"""Relationships: two attributes, each the inverse of the other."""

from typing import Any

import pytest

NEW = {
    "description": None,
    "type": "record-reference",
    "is_required": False,
    "is_unique": False,
    "config": {},
}
PEOPLE = "/v2/objects/people/attributes"


def relate(
    api, slug: str, other: str, *, many: bool, other_many: bool, object: str = "people", **fields: Any
):
    relationship = {"object": object, "title": other, "api_slug": other, "is_multiselect": other_many}
    body = {**NEW, "title": slug, "api_slug": slug, "is_multiselect": many, "relationship": relationship}
    return api("POST", PEOPLE, {"data": {**body, **fields}})


def to(record_id: str, object: str = "people") -> dict[str, str]:
    return {"target_object": object, "target_record_id": record_id}


def ends(api, record_id: str, slug: str, object: str = "people") -> list[str]:
    return [value["target_record_id"] for value in api.get(object, record_id).values[slug]]


def test_both_attributes_are_created_with_their_inverse(api) -> None:
    made = relate(api, "manager", "reports", many=False, other_many=True).data
    other = api("GET", f"{PEOPLE}/reports").data
    assert made["relationship"]["id"] == other["id"]
    assert other["relationship"]["id"] == made["id"]
    assert made["relationship"]["is_multiselect"] is True
    assert other["relationship"]["object_slug"] == "people"
    assert made["config"]["record_reference"]["allowed_object_ids"] == [made["id"]["object_id"]]


def test_both_ends_follow(api, new_id) -> None:
    relate(api, "manager", "reports", many=False, other_many=True)
    ada, bob, eve = new_id("people"), new_id("people"), new_id("people")
    api.patch("people", bob, manager=to(ada))
    api.patch("people", ada, reports=[to(eve)])
    assert ends(api, ada, "reports") == [eve, bob]
    assert ends(api, eve, "manager") == [ada]
    api.patch("people", bob, reports=[to(eve)])
    assert ends(api, ada, "reports") == [bob]
    assert ends(api, eve, "manager") == [bob]


def test_a_one_to_one_relationship_releases_both_former_partners(api, new_id) -> None:
    relate(api, "mentor", "pupil", many=False, other_many=False)
    ada, bob, eve, dan = (new_id("people") for _ in range(4))
    api.patch("people", bob, mentor=to(ada))
    api.patch("people", dan, mentor=to(eve))
    api.patch("people", bob, mentor=to(eve))
    assert [ends(api, one, "mentor") for one in (bob, dan)] == [[eve], []]
    assert [ends(api, one, "pupil") for one in (ada, eve)] == [[], [bob]]


def test_a_record_can_be_related_to_itself(api, new_id) -> None:
    relate(api, "manager", "reports", many=False, other_many=True)
    ada, bob = new_id("people"), new_id("people")
    api.put("people", ada, manager=to(ada), reports=[to(ada), to(bob)])
    assert ends(api, ada, "reports") == [ada, bob]
    assert ends(api, bob, "manager") == [ada]
    api.put("people", ada, manager=[], reports=[])
    for one, slug in ((ada, "reports"), (ada, "manager"), (bob, "manager")):
        assert ends(api, one, slug) == []
    api.put("people", ada, manager=to(ada), reports=[to(ada), to(bob)])
    api("DELETE", f"/v2/objects/people/records/{ada}")
    assert ends(api, bob, "manager") == []


def test_records_of_custom_objects_are_not_written_as_text(api, fake, new_id) -> None:
    fake.seed.add_object("pets")
    fake.seed.add_attribute("pets", "chip", "text", unique=True)
    fake.seed.add_relationship("people", "pet", "pets", "owner")
    pet = new_id("pets", chip="x1")
    ada = new_id("people", pet={"target_object": "pets", "chip": [{"value": "x1"}]})
    assert ends(api, pet, "owner", "pets") == [ada]
    refused = api.create("people", pet="x1")
    assert refused.refusal == (400, "validation_type")
    assert refused.json["validation_errors"][0]["path"] == []
    missing = api.create("people", pet={"target_object": "pets", "chip": "x2"})
    assert missing.refusal == (400, "value_not_found")
    assert '"x2"' in missing.json["message"]


def test_a_relationship_with_another_object_can_change_its_slug(api, new_id) -> None:
    relate(api, "favourite", "fans", many=False, other_many=True, object="companies")
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", favourite="acme.com")
    api("PATCH", f"{PEOPLE}/favourite", {"data": {"api_slug": "darling"}})
    assert ends(api, ada, "darling") == [company]
    bob = new_id("people", darling="acme.com")
    assert ends(api, company, "fans", "companies") == [ada, bob]
    shown = api("GET", "/v2/objects/companies/attributes/fans").data
    assert shown["relationship"]["api_slug"] == "darling"


def test_an_object_with_relationships_can_be_renamed(api, fake, new_id) -> None:
    fake.seed.add_object("pets")
    relate(api, "pets", "owner", many=True, other_many=False, object="pets")
    pet = new_id("pets")
    ada = new_id("people", pets=[to(pet, "pets")])
    likes = {"type": "static", "template": [to(pet, "pets")]}
    fake.seed.add_attribute(
        "people", "likes", "record-reference", allowed_objects=["pets", "deals"], default=likes
    )
    fake.seed.add_list("shown", parent="pets")
    entry = fake.seed.add_entry("shown", pet)["id"]["entry_id"]
    assert api("PATCH", "/v2/objects/pets", {"data": {"api_slug": "animals"}}).data["api_slug"] == "animals"
    assert api.get("people", ada).values["pets"][0]["target_object"] == "animals"
    assert ends(api, pet, "owner", "animals") == [ada]
    assert api("GET", f"/v2/lists/shown/entries/{entry}").data["parent_object"] == "animals"
    assert api("GET", "/v2/lists/shown").data["parent_object"] == ["animals"]
    assert api.create("people").values["likes"][0]["target_object"] == "animals"
    second = new_id("animals", owner=to(ada))
    assert ends(api, ada, "pets") == [pet, second]
    assert api("GET", "/v2/objects/pets").status == 404


INVALID: list[tuple[dict[str, Any], int]] = [
    ({"type": "text"}, 400),
    ({"object": "planets"}, 400),
    ({"other": "company"}, 409),
    ({"slug": "same", "other": "same"}, 409),
    ({"config": {"record_reference": {"allowed_objects": ["deals"]}}}, 400),
    ({"config": {"record_reference": True}}, 400),
    ({"relationship": {"object": "people"}}, 400),
]


def test_invalid_relationships_are_refused(api) -> None:
    before = api("GET", PEOPLE).data
    for fields, status in INVALID:
        wanted = {"slug": "manager", "other": "reports", "many": False, "other_many": False} | fields
        assert relate(api, **wanted).status == status, fields
    assert api("GET", PEOPLE).data == before


def test_both_ends_of_a_standard_relationship_follow(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    bob = new_id("people")
    assert ends(api, company, "team", "companies") == [ada]
    api.patch("companies", company, team=[to(bob)])
    assert ends(api, company, "team", "companies") == [bob, ada]
    assert ends(api, bob, "company") == [company]
    api.put("companies", company, team=[to(bob)])
    assert ends(api, ada, "company") == []
    api.patch("people", bob, company=None)
    assert ends(api, bob, "company") == []
    assert ends(api, company, "team", "companies") == []


def test_a_person_in_another_team_leaves_the_old_one(api, new_id) -> None:
    old, new = new_id("companies", domains=["old.com"]), new_id("companies", domains=["new.com"])
    ada = new_id("people", email_addresses=["ada@old.com"])
    api.patch("companies", new, team=["ada@old.com"])
    assert ends(api, ada, "company") == [new]
    assert ends(api, old, "team", "companies") == []
    api.patch("people", ada, company="old.com")
    assert ends(api, new, "team", "companies") == []
    assert ends(api, old, "team", "companies") == [ada]


def test_many_to_many_relationships(api, new_id) -> None:
    deal = {"name": "D", "stage": "Lead", "owner": "ada@fake-workspace.example.com"}
    ada, bob = (
        new_id("people", email_addresses=["ada@gmail.com"]),
        new_id("people", email_addresses=["b@gmail.com"]),
    )
    first = new_id("deals", associated_people=["ada@gmail.com", "b@gmail.com"], **deal)
    second = new_id("deals", associated_people=["ada@gmail.com"], **deal)
    assert ends(api, ada, "associated_deals") == [first, second]
    assert ends(api, bob, "associated_deals") == [first]


def test_a_deleted_record_is_removed_from_every_reference(api, fake, new_id) -> None:
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "company", "record-reference", allowed_objects=["companies"])
    company = new_id("companies", domains=["acme.com"])
    ada, thing = new_id("people", company="acme.com"), new_id("things", company="acme.com")
    api("DELETE", f"/v2/objects/companies/records/{company}")
    assert ends(api, ada, "company") == []
    assert ends(api, thing, "company", "things") == []


def test_a_deleted_record_leaves_its_relationships(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    api("DELETE", f"/v2/objects/people/records/{ada}")
    assert ends(api, company, "team", "companies") == []
    assert api("DELETE", f"/v2/objects/companies/records/{company}").status == 200


def test_standard_relationships_are_described_at_both_ends(api) -> None:
    team = api("GET", "/v2/objects/companies/attributes/team").data
    company = api("GET", "/v2/objects/people/attributes/company").data
    assert team["relationship"]["id"] == company["id"]
    assert company["relationship"]["id"] == team["id"]
    assert team["config"]["record_reference"]["allowed_object_ids"] == [company["id"]["object_id"]]
    assert api("GET", "/v2/objects/people/attributes/name").data["relationship"] is None


def test_lists_have_no_relationships(api, fake) -> None:
    fake.seed.add_list("leads", parent="people")
    relationship = {"object": "people", "title": "x", "api_slug": "x", "is_multiselect": False}
    body = {**NEW, "title": "y", "api_slug": "y", "is_multiselect": False, "relationship": relationship}
    assert api("POST", "/v2/lists/leads/attributes", {"data": body}).refusal == (400, "validation_type")


def test_the_objects_of_a_relationship_are_not_updated(api) -> None:
    relate(api, "manager", "reports", many=False, other_many=True)
    config = {"record_reference": {"allowed_objects": ["deals"]}}
    assert api("PATCH", f"{PEOPLE}/manager", {"data": {"config": config}}).status == 400
    config = {"record_reference": {"allowed_objects": ["people"]}}
    assert api("PATCH", f"{PEOPLE}/manager", {"data": {"config": config}}).status == 200


def test_relationships_are_seeded(api, fake, new_id) -> None:
    first, second = fake.seed.add_relationship("people", "pets", "people", "owner", multiselect=True)
    made = api("GET", f"{PEOPLE}/pets").data
    assert made["id"]["attribute_id"] == first
    assert made["relationship"]["id"]["attribute_id"] == second
    assert made["relationship"]["title"] == "Owner"
    ada, bob = new_id("people"), new_id("people")
    api.patch("people", ada, pets=[to(bob)])
    assert ends(api, bob, "owner") == [ada]
    for wrong in (
        ("people", "x", "people", "x"),
        ("people", "x", "people", "pets"),
        ("people", "pets", "people", "x"),
    ):
        with pytest.raises(ValueError, match=r"already|both ends"):
            fake.seed.add_relationship(*wrong)
    assert api("GET", f"{PEOPLE}/x").status == 404
