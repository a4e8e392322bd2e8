"""The object or list that a command is about, and one of its records or entries."""

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.target import find_item, find_record, find_target, select_attributes
from tests.cli.support import workspace

pytestmark = pytest.mark.anyio


async def test_an_unknown_object_is_answered_with_near_matches() -> None:
    misfits = {}
    fake = workspace()
    fake.seed.add_list("sales", "Sales pipeline", "companies")
    async with fake.client() as attio:
        for name, meant in {
            "compnies": "companies",
            "Persn": "people",
            "salse": "sales",
        }.items():
            with pytest.raises(Refusal) as refused:
                await find_target(attio, name)
            if f"unknown object or list {name!r}; did you mean '{meant}'" not in str(refused.value):
                misfits[name] = str(refused.value)
    assert not misfits


async def test_an_object_or_list_is_found_by_slug_id_title_and_address() -> None:
    fake = workspace()
    gadgets, sales = (
        fake.seed.add_object("gadgets"),
        fake.seed.add_list("sales", "Sales pipeline", "companies"),
    )
    misfits = {}
    async with fake.client() as attio:
        for name, expected in {
            "gadgets": ("object", "gadgets"),
            gadgets: ("object", "gadgets"),
            "Company": ("object", "companies"),
            "sales": ("list", "sales"),
            str(sales): ("list", "sales"),
            "sales PIPELINE": ("list", "sales"),
            f"https://app.attio.com/example/collection/{sales}": ("list", "sales"),
            "https://app.attio.com/example/company": ("object", "companies"),
        }.items():
            found = await find_target(attio, name)
            if (found.kind, found.slug) != expected:
                misfits[name] = found
        for name, kind in (("sales", "object"), ("people", "list")):
            with pytest.raises(Refusal, match=f"unknown {kind}"):
                await find_target(attio, name, kind)
    assert not misfits


async def test_a_title_of_two_is_ambiguous() -> None:
    fake = workspace()
    fake.seed.add_list("key-accounts", "Companies", "companies")
    async with fake.client() as attio:
        with pytest.raises(Refusal, match="the object companies or the list key-accounts"):
            await find_target(attio, "Companies")
        assert (await find_target(attio, "companies")).kind == "object"


async def test_an_item_is_found_by_id_key_and_web_address() -> None:
    fake = workspace()
    company = fake.seed.add_record("companies", {"domains": ["acme.example.com"]})["id"]["record_id"]
    fake.seed.add_list("sales", parent="companies")
    entry = fake.seed.add_entry("sales", company)["id"]["entry_id"]
    async with fake.client() as attio:
        url = (await attio.companies.get(company)).web_url
        for reference in (f"companies/{company}", "companies/acme.example.com", f"Company/{company}", url):
            target, identifier = await find_item(attio, reference)
            assert (target.slug, identifier) == ("companies", company), reference
        target, identifier = await find_item(attio, f"sales/{entry}")
        assert (target.kind, identifier) == ("list", entry)
        misfits = {}
        for reference, reason in {
            "companies": "NAME/ID",
            "companies/": "NAME/ID",
            "deals/acme": "is not the id of",
            "companies/none.example.com": "none of the companies has",
            "sales/acme.example.com": "is not the id of",
        }.items():
            with pytest.raises(Refusal) as refused:
                await find_item(attio, reference)
            if reason not in str(refused.value):
                misfits[reference] = str(refused.value)
        with pytest.raises(Refusal, match="sales is a list"):
            await find_record(attio, f"sales/{entry}")
    assert not misfits


async def test_attributes_are_selected_by_slug_or_title() -> None:
    async with workspace().client() as attio:
        schema = await attio.schema("companies")
    assert [each.slug for each in select_attributes(schema, "Name, domains,name,record_id")] == [
        "name",
        "domains",
    ]
    everything = [each.slug for each in select_attributes(schema, None)]
    assert "name" in everything
    assert "record_id" not in everything
    for names in ("", "nme"):
        with pytest.raises(Refusal, match="--columns"):
            select_attributes(schema, names)
