"""Filters and sorts, compiled by what their names mean in the workspace."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from attio_async import F, asc, desc
from attio_async.errors import FilterError
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import trio_when_full

from .support import CaughtQueries

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


async def test_dicts_are_sent_unchanged_without_reading_anything(caught: CaughtQueries) -> None:
    body = await caught.query({"name": "x"}, [{"attribute": "name", "direction": "asc"}])
    assert body["filter"] == {"name": "x"}
    assert body["sorts"] == [{"attribute": "name", "direction": "asc"}]
    assert caught.reads("/options") == caught.reads("/statuses") == caught.reads("/workspace_members") == 0


async def test_values_are_encoded_by_the_type_of_their_attribute(caught: CaughtQueries) -> None:
    body = await caught.query(
        (F.value > Decimal("500.5")) & F.name.contains("Ltd"), [desc("created_at"), asc("name")]
    )
    value, name = {"value": {"currency_value": {"$gt": 500.5}}}, {"name": {"value": {"$contains": "Ltd"}}}
    assert body["filter"] == {"$and": [value, name]}
    assert [sort["direction"] for sort in body["sorts"]] == ["desc", "asc"]
    body = await caught.query(F.foundation_date == date(2020, 1, 2), object="companies")
    assert "2020-01-02" in str(body["filter"])
    body = await caught.query(F.created_at >= datetime(2020, 1, 2, tzinfo=UTC))
    assert "2020-01-02T00:00:00" in str(body["filter"])


async def test_options_are_found_by_title_in_any_case_and_read_once(caught: CaughtQueries) -> None:
    for _ in range(3):
        await caught.query(F["Stage"] == "almost there")
    assert "Almost There" in str(caught.bodies[-1])
    assert caught.reads("/statuses") == 1
    with pytest.raises(FilterError, match="Almost There"):
        await caught.query(F.stage == "Almost Their")


async def test_members_are_found_by_e_mail_address(caught: CaughtQueries) -> None:
    body = await caught.query(F.owner == "jane@example.com")
    jane = await caught.attio.workspace_members.by_email("jane@example.com")
    assert jane is not None
    assert jane.id in str(body["filter"])
    with pytest.raises(FilterError):
        await caught.query(F.owner == "nobody@example.com")


async def test_the_target_of_a_reference_comes_from_the_schema(caught: CaughtQueries) -> None:
    body = await caught.query(F.company.domains == "example.com", object="people")
    assert body["filter"]["path"] == [["people", "company"], ["companies", "domains"]]
    named = F.company.via("companies").domains == "example.com"
    assert await caught.query(named, object="people") == body


async def test_a_filter_reads_only_what_its_names_need(caught: CaughtQueries) -> None:
    cases = [
        (F.name == "x", ["list_attributes"]),
        (F.stage.active_from > "2024-01-01", []),
        (F.stage == "almost there", ["list_statuses"]),
        (F.associated_company.name == "x", ["list_objects", "list_attributes"]),
        (F.associated_company.name == "y", []),
        (F.owner == "jane@example.com", ["list_workspace_members"]),
    ]
    for filter, reads in cases:
        before = len(caught.fake.calls)
        await caught.query(filter)
        assert [call.operation for call in caught.fake.calls[before:]] == reads, filter


async def test_an_invalid_filter_is_not_sent(caught: CaughtQueries) -> None:
    for wrong, message in ((F.nme == "x", "name"), (F.name > 3, "name"), (F.value == "much", "value")):
        with pytest.raises(FilterError, match=message):
            await caught.query(wrong)
    assert caught.bodies == []


async def test_an_explanation_tells_the_compiled_filter_and_its_attributes() -> None:
    fake = FakeAttio(clock=VirtualClock())
    member = fake.seed.add_member("jane@example.com", "Jane", "Doe")
    fake.seed.add_attribute("people", "owner", "actor-reference")
    filter = (F.owner == "jane@example.com") & (F.company.domains == "example.com")
    async with fake.client() as attio:
        explanation = await attio.people.explain(filter)
        assert "query_records" not in {call.operation for call in fake.calls}
        found = await attio.people.query(filter)
    compiled, _, conditions = explanation.partition("\n\n")
    assert found == []
    assert member in compiled
    assert json.loads(compiled)
    assert "people.owner, type actor-reference" in conditions
    assert "people.company -> companies.domains, type domain" in conditions


async def test_a_dict_is_explained_as_it_is() -> None:
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        assert json.loads(await attio.people.explain({"name": "Ada"})) == {"name": "Ada"}


async def test_an_invalid_filter_is_not_explained() -> None:
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        with pytest.raises(FilterError, match="did you mean 'name'"):
            await attio.people.explain(F.nme == "Ada")
