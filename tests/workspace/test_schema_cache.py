"""The cached schema: read once, and again when it may be outdated."""

import anyio
import pytest

from attio_async import F
from attio_async.errors import (
    AuthenticationFailed,
    FilterError,
    NotFound,
)
from attio_async.testing import FakeAttio, VirtualClock

from .support import CaughtQueries

pytestmark = pytest.mark.anyio


async def test_an_unknown_name_is_looked_for_again_after_a_while(caught: CaughtQueries) -> None:
    await caught.query(F.name == "x")
    caught.fake.seed.add_attribute("deals", "mood", "text")
    with pytest.raises(FilterError):
        await caught.query(F.mood == "good")  # the schema was read just now
    await caught.fake.clock.sleep(31)
    await caught.query(F.mood == "good")
    await caught.query(F.mood == "bad")
    assert caught.reads("/deals/attributes") == 2
    caught.fake.seed.add_attribute("deals", "tempo", "text")
    await caught.fake.clock.sleep(31)
    deal = {"name": "x", "stage": "Lead", "owner": "jane@example.com", "tempo": "fast"}
    assert (await caught.attio.deals.create(deal))["tempo"] == "fast"


async def test_concurrent_queries_read_the_schema_once() -> None:
    caught = CaughtQueries(latency=0.1)
    async with anyio.create_task_group() as group:
        for number in range(50):
            group.start_soon(caught.query, F.name == f"{number}")
    assert caught.reads("/deals/attributes") == 1
    assert len(caught.bodies) == 50


async def test_the_schema_is_read_while_the_first_query_is_sent() -> None:
    fake = FakeAttio(clock=VirtualClock(), latency=0.1)
    await fake.client().people.query({"name": {"full_name": "Ada"}})
    assert fake.clock.monotonic() == pytest.approx(0.1)


async def test_the_schema_is_read_again_when_it_is_no_longer_fresh() -> None:
    caught = CaughtQueries()
    await caught.query(F.name == "x")
    await caught.fake.clock.sleep(301)
    await caught.query(F.name == "x")
    assert caught.reads("/deals/attributes") == 2


async def test_schemas_are_not_shared_between_tokens() -> None:
    caught = CaughtQueries()
    await caught.query(F.name == "x")
    same = caught.attio.with_options(token="test-token ")
    await same.deals.query(F.name == "x")
    assert caught.reads("/deals/attributes") == 1
    other = caught.attio.with_options(token="another")
    with pytest.raises(AuthenticationFailed):
        await other.deals.query(F.name == "x")
    assert caught.reads("/deals/attributes") == 2
    assert caught.fake.calls[-1].status == 401


async def test_a_schema_is_found_by_slug_or_title(caught: CaughtQueries) -> None:
    caught.fake.seed.add_list("sales", "Sales pipeline", parent="companies")
    attio = caught.attio
    assert (await attio.schema("Companies")).name == "companies"
    assert (await attio.schema("deal", options=True)).attributes["stage"].option_titles is not None
    assert (await attio.schema("sales pipeline", target="lists")).name == "sales"
    with pytest.raises(NotFound):
        await attio.schema("nonsense")


async def test_options_are_read_only_on_request() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("people", "size", "select", options=["S", "XL"])
    async with fake.client() as attio:
        schema = await attio.schema("people")
        assert schema.attributes["size"].option_titles is None
        known = await attio.schema("people", options=True)
        assert known.attributes["size"].option_titles == ("S", "XL")
        assert [call.operation for call in fake.calls].count("list_attributes") == 1
