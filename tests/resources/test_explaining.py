"""What is told of a filter is what is sent of it, and options are known on request."""

import json

import pytest

from attio_async import F
from attio_async.errors import FilterError
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


async def test_a_filter_is_told_with_all_that_its_names_mean() -> None:
    fake = FakeAttio(clock=VirtualClock())
    member = fake.seed.add_member("jane@acme.example", "Jane", "Doe")
    fake.seed.add_attribute("people", "owner", "actor-reference")
    filter = (F.owner == "jane@acme.example") & (F.company.domains == "acme.example")
    async with fake.client() as attio:
        told = await attio.people.explain(filter)
        assert "query_records" not in {call.operation_id for call in fake.calls}
        found = await attio.people.query(filter)
    compiled, _, conditions = told.partition("\n\n")
    assert found == []
    assert member in compiled
    assert json.loads(compiled)
    assert "people.owner, type actor-reference" in conditions
    assert "people.company -> companies.domains, type domain" in conditions


async def test_a_dict_is_told_as_it_is() -> None:
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        assert json.loads(await attio.people.explain({"name": "Ada"})) == {"name": "Ada"}


async def test_a_filter_that_cannot_work_is_not_explained() -> None:
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        with pytest.raises(FilterError, match="did you mean 'name'"):
            await attio.people.explain(F.nme == "Ada")


async def test_options_are_read_only_on_request() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("people", "size", "select", options=["S", "XL"])
    async with fake.client() as attio:
        schema = await attio.schema("people")
        assert schema.attributes["size"].option_titles is None
        known = await attio.schema("people", options=True)
        assert known.attributes["size"].option_titles == ("S", "XL")
        assert [call.operation_id for call in fake.calls].count("list_attributes") == 1
