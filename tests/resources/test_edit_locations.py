"""Edits of a part of a location keep the rest of it."""

import pytest

from attio_async import Location
from attio_async.errors import CoercionError
from attio_async.models import Company
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio

PARIS = Location(
    line_1="1 Rue de Rivoli",
    locality="Paris",
    region="IDF",
    country_code="FR",
    latitude="48.85",
    longitude="2.35",
)


async def test_the_parts_that_are_not_given_stay() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        acme = await attio.companies.create({"name": "Acme", "primary_location": PARIS})
        edited = await attio.companies.edit(
            acme, set={"primary_location": Location(locality="Lyon"), "name": "Acme SA"}, merge=True
        )
        assert edited["primary_location"].locality == "Lyon"
        assert (edited["primary_location"].region, edited["primary_location"].country_code) == ("IDF", "FR")
        assert edited["name"] == "Acme SA"
        by_dict = await attio.companies.edit(acme, set={"primary_location": {"region": "ARA"}}, merge=True)
        assert str(by_dict["primary_location"]) == "1 Rue de Rivoli, Lyon, ARA, FR"
        whole = await attio.companies.edit(acme, set={"primary_location": Location(locality="Nice")})
        assert str(whole["primary_location"]) == "Nice"


async def test_merging_goes_with_other_changes_in_one_write() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        values = {"name": "Acme", "primary_location": PARIS, "categories": ["SAAS"], "description": "Boots"}
        acme = await attio.companies.create(values)
        before = len(fake.calls)
        edited = await attio.companies.edit(
            acme,
            set={"primary_location": Location(locality="Lyon")},
            add={"categories": ["B2B"]},
            clear=["description"],
            merge=True,
        )
        writes = [call for call in list(fake.calls)[before:] if call.method != "GET"]
    assert len(writes) == 1
    assert edited["primary_location"].line_1 == "1 Rue de Rivoli"
    assert set(edited["categories"]) == {"SAAS", "B2B"}
    assert edited["description"] is None


async def test_a_text_cannot_be_merged() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        acme = await attio.companies.create({"name": "Acme", "primary_location": PARIS})
        with pytest.raises(CoercionError, match="is text, whose parts cannot be merged"):
            await attio.companies.edit(acme, set={"Primary location": "Lyon"}, merge=True)
        assert (await attio.companies.get(acme))["primary_location"].locality == "Paris"
        edited = await attio.companies.edit(
            acme, set={"name": "Acme SA", "primary_location": Location(locality="Lyon")}, merge=True
        )
        assert (edited["name"], edited["primary_location"].region) == ("Acme SA", "IDF")


async def test_a_record_without_a_location_gets_what_is_given() -> None:
    async with FakeAttio().client() as attio:
        acme = await attio.companies.create({"name": "Acme"})
        edited = await attio.companies.edit(
            acme, set={"primary_location": Location(locality="Lyon")}, merge=True
        )
        assert str(edited["primary_location"]) == "Lyon"
        cleared = await attio.companies.edit(acme, set={"primary_location": None}, merge=True)
        assert cleared["primary_location"] is None


async def test_models_and_entries_merge_too() -> None:
    fake = FakeAttio()
    fake.seed.add_list("sales", parent="companies")
    fake.seed.add_attribute("sales", "site", "location")
    async with fake.client() as attio:
        acme = await attio.companies.create({"name": "Acme", "primary_location": PARIS})
        typed = await attio.of(Company).edit(
            acme, set={"primary_location": Location(locality="Lyon")}, merge=True
        )
        assert typed.primary_location is not None
        assert typed.primary_location.country_code == "FR"
        entry = await attio.entries("sales").create(acme, {"site": PARIS})
        edited = await attio.entries("sales").edit(entry, set={"site": Location(locality="Lyon")}, merge=True)
        assert edited["site"].line_1 == "1 Rue de Rivoli"
