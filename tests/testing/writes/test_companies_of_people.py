"""The companies that people get by their e-mail addresses."""


def companies_of(answer) -> list[str]:
    return [value["target_record_id"] for value in answer.values["company"]]


def test_an_address_creates_a_company_once(api) -> None:
    ada = api.create("people", email_addresses=["ada@mail.acme.co.uk"])
    bob = api.create("people", email_addresses=["bob@acme.co.uk"])
    (company,) = api.query("companies").data
    assert company["values"]["domains"][0]["domain"] == "acme.co.uk"
    assert company["values"]["created_by"][0]["referenced_actor_type"] == "system"
    assert companies_of(ada) == companies_of(bob) == [company["id"]["record_id"]]
    assert ada.values["company"][0]["created_by_actor"] == {"type": "system", "id": None}


def test_an_address_links_the_company_with_its_domain(api, new_id) -> None:
    new_id("companies", domains=["acme.com"])
    subsidiary = new_id("companies", domains=["lab.acme.com"])
    assert companies_of(api.create("people", email_addresses=["ada@lab.acme.com"])) == [subsidiary]


def test_other_people_get_no_company(api) -> None:
    for values in (
        {"email_addresses": ["ada@gmail.com"]},
        {"email_addresses": []},
        {"email_addresses": ["ada@acme.com"], "company": None},
        {"name": "Lovelace, Ada"},
    ):
        assert companies_of(api.create("people", **values)) == [], values
    assert api.query("companies").data == []


def test_an_address_does_not_replace_the_company(api, new_id) -> None:
    company = new_id("companies", domains=["acme.com"])
    ada = new_id("people", company="acme.com")
    assert companies_of(api.patch("people", ada, email_addresses=["ada@other.org"])) == [company]
    assert len(api.query("companies").data) == 1
