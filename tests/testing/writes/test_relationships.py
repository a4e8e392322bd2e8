"""Relationships made through the API: two attributes, each the other end of the other."""

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


def test_both_attributes_are_made_and_know_of_each_other(api) -> None:
    made = relate(api, "manager", "reports", many=False, other_many=True).data
    other = api("GET", f"{PEOPLE}/reports").data
    assert made["relationship"]["id"] == other["id"]
    assert other["relationship"]["id"] == made["id"]
    assert made["relationship"]["is_multiselect"] is True
    assert other["relationship"]["object_slug"] == "people"
    assert made["config"]["record_reference"]["allowed_object_ids"] == [made["id"]["object_id"]]


def test_each_end_follows_the_other(api, new_id) -> None:
    relate(api, "manager", "reports", many=False, other_many=True)
    ada, bob, eve = new_id("people"), new_id("people"), new_id("people")
    api.patch("people", bob, manager=to(ada))
    api.patch("people", ada, reports=[to(eve)])
    assert ends(api, ada, "reports") == [eve, bob]
    assert ends(api, eve, "manager") == [ada]
    api.patch("people", bob, reports=[to(eve)])
    assert ends(api, ada, "reports") == [bob]
    assert ends(api, eve, "manager") == [bob]


def test_one_to_one_lets_both_former_partners_go(api, new_id) -> None:
    relate(api, "mentor", "pupil", many=False, other_many=False)
    ada, bob, eve, dan = (new_id("people") for _ in range(4))
    api.patch("people", bob, mentor=to(ada))
    api.patch("people", dan, mentor=to(eve))
    api.patch("people", bob, mentor=to(eve))
    assert [ends(api, one, "mentor") for one in (bob, dan)] == [[eve], []]
    assert [ends(api, one, "pupil") for one in (ada, eve)] == [[], [bob]]


def test_a_record_related_to_itself(api, new_id) -> None:
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


def test_a_bare_text_means_nothing_to_custom_objects(api, fake, new_id) -> None:
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


def test_with_another_object_and_under_other_slugs(api, new_id) -> None:
    relate(api, "favourite", "fans", many=False, other_many=True, object="companies")
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", favourite="acme.com")
    api("PATCH", f"{PEOPLE}/favourite", {"data": {"api_slug": "darling"}})
    assert ends(api, ada, "darling") == [company]
    bob = new_id("people", darling="acme.com")
    assert ends(api, company, "fans", "companies") == [ada, bob]
    shown = api("GET", "/v2/objects/companies/attributes/fans").data
    assert shown["relationship"]["api_slug"] == "darling"


def test_an_object_with_relationships_is_renamed(api, fake, new_id) -> None:
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


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"type": "text"}, 400),
        ({"object": "planets"}, 400),
        ({"other": "company"}, 409),
        ({"slug": "same", "other": "same"}, 409),
        ({"config": {"record_reference": {"allowed_objects": ["deals"]}}}, 400),
        ({"config": {"record_reference": True}}, 400),
        ({"relationship": {"object": "people"}}, 400),
    ],
)
def test_relationships_that_cannot_be(api, fields: dict[str, Any], status: int) -> None:
    wanted = {"slug": "manager", "other": "reports", "many": False, "other_many": False} | fields
    if wanted.get("type") == "text":
        wanted["many"] = False
    before = api("GET", PEOPLE).data
    assert relate(api, **wanted).status == status
    assert api("GET", PEOPLE).data == before


def test_lists_have_none(api, fake) -> None:
    fake.seed.add_list("leads", parent="people")
    relationship = {"object": "people", "title": "x", "api_slug": "x", "is_multiselect": False}
    body = {**NEW, "title": "y", "api_slug": "y", "is_multiselect": False, "relationship": relationship}
    assert api("POST", "/v2/lists/leads/attributes", {"data": body}).refusal == (400, "validation_type")


def test_the_objects_of_a_relationship_stay(api) -> None:
    relate(api, "manager", "reports", many=False, other_many=True)
    config = {"record_reference": {"allowed_objects": ["deals"]}}
    assert api("PATCH", f"{PEOPLE}/manager", {"data": {"config": config}}).status == 400
    config = {"record_reference": {"allowed_objects": ["people"]}}
    assert api("PATCH", f"{PEOPLE}/manager", {"data": {"config": config}}).status == 200


def test_relationships_without_requests(api, fake, new_id) -> None:
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
