"""Relationships between records, and companies that follow from e-mail addresses."""

import pytest


def ends(answer, slug: str) -> list[str]:
    return [value["target_record_id"] for value in answer.values[slug]]


def test_both_ends_of_a_relationship_show_it(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    bob = new_id("people")
    assert ends(api.get("companies", company), "team") == [ada]
    reference = {"target_object": "people", "target_record_id": bob}
    assert ends(api.patch("companies", company, team=[reference]), "team") == [bob, ada]
    assert ends(api.get("people", bob), "company") == [company]
    api.put("companies", company, team=[reference])
    assert ends(api.get("people", ada), "company") == []
    assert ends(api.patch("people", bob, company=None), "company") == []
    assert ends(api.get("companies", company), "team") == []


def test_who_joins_another_team_leaves_the_old_one(api, new_id) -> None:
    old, new = new_id("companies", domains=["old.com"]), new_id("companies", domains=["new.com"])
    ada = new_id("people", email_addresses=["ada@old.com"])
    api.patch("companies", new, team=["ada@old.com"])
    assert ends(api.get("people", ada), "company") == [new]
    assert ends(api.get("companies", old), "team") == []
    api.patch("people", ada, company="old.com")
    assert ends(api.get("companies", new), "team") == []
    assert ends(api.get("companies", old), "team") == [ada]


def test_many_to_many_relationships(api, new_id) -> None:
    deal = {"name": "D", "stage": "Lead", "owner": "ada@fake-workspace.test"}
    ada, bob = (
        new_id("people", email_addresses=["ada@gmail.com"]),
        new_id("people", email_addresses=["b@gmail.com"]),
    )
    first = new_id("deals", associated_people=["ada@gmail.com", "b@gmail.com"], **deal)
    second = new_id("deals", associated_people=["ada@gmail.com"], **deal)
    assert ends(api.get("people", ada), "associated_deals") == [first, second]
    assert ends(api.get("people", bob), "associated_deals") == [first]


def test_deleting_a_record_removes_every_reference_to_it(api, fake, new_id) -> None:
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "company", "record-reference", allowed_objects=["companies"])
    company = new_id("companies", domains=["acme.com"])
    ada, thing = new_id("people", company="acme.com"), new_id("things", company="acme.com")
    api("DELETE", f"/v2/objects/companies/records/{company}")
    assert ends(api.get("people", ada), "company") == []
    assert ends(api.get("things", thing), "company") == []


def test_deleting_a_record_takes_it_out_of_what_it_referred_to(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    api("DELETE", f"/v2/objects/people/records/{ada}")
    assert ends(api.get("companies", company), "team") == []
    assert api("DELETE", f"/v2/objects/companies/records/{company}").status == 200


def test_an_email_makes_a_company_once(api) -> None:
    ada = api.create("people", email_addresses=["ada@mail.acme.co.uk"])
    bob = api.create("people", email_addresses=["bob@acme.co.uk"])
    (company,) = api.query("companies").data
    assert company["values"]["domains"][0]["domain"] == "acme.co.uk"
    assert company["values"]["created_by"][0]["referenced_actor_type"] == "system"
    assert ends(ada, "company") == ends(bob, "company") == [company["id"]["record_id"]]
    assert ada.values["company"][0]["created_by_actor"] == {"type": "system", "id": None}


def test_an_email_links_the_company_that_has_its_domain(api, new_id) -> None:
    new_id("companies", domains=["acme.com"])
    subsidiary = new_id("companies", domains=["lab.acme.com"])
    assert ends(api.create("people", email_addresses=["ada@lab.acme.com"]), "company") == [subsidiary]


@pytest.mark.parametrize(
    "values",
    [
        {"email_addresses": ["ada@gmail.com"]},
        {"email_addresses": []},
        {"email_addresses": ["ada@acme.com"], "company": None},
        {"name": "Lovelace, Ada"},
    ],
)
def test_freemail_an_explicit_company_and_no_email_make_none(api, values: dict) -> None:
    assert ends(api.create("people", **values), "company") == []
    assert api.query("companies").data == []


def test_a_company_that_is_set_stays(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    assert ends(api.patch("people", ada, email_addresses=["ada@other.org"]), "company") == [company]
    assert len(api.query("companies").data) == 1


def test_relationships_are_described_at_both_ends(api) -> None:
    team = api("GET", "/v2/objects/companies/attributes/team").data
    company = api("GET", "/v2/objects/people/attributes/company").data
    assert team["relationship"]["id"] == company["id"]
    assert company["relationship"]["id"] == team["id"]
    assert team["config"]["record_reference"]["allowed_object_ids"] == [company["id"]["object_id"]]
    assert api("GET", "/v2/objects/people/attributes/name").data["relationship"] is None
