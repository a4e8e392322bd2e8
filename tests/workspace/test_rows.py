"""Records read in pages, by scan and by id."""

from typing import Any

import pytest

from attio_async import F, asc, desc
from attio_async.errors import CoercionError, ConfigurationError, NotFound
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    for number in range(23):
        fake.seed.add_record(
            "companies", {"name": f"Company {number:02}", "domains": [f"c{number}.example.com"]}
        )
    return fake


async def test_records_are_read_by_id_in_the_order_given(fake: FakeAttio) -> None:
    attio = fake.client()
    known = [record async for record in attio.companies.query(sorts=asc("name"))]
    gone = "5f0e3b1c-0000-4000-8000-000000000001"
    wanted = [known[7], known[3].id, gone, known[3].web_url, known[20].raw["id"]]
    found = await attio.companies.get_many(wanted)
    assert [record["name"] for record in found] == ["Company 07", "Company 03", "Company 03", "Company 20"]
    assert found.missing == (gone,)
    assert len(found) == 4
    assert found[0] == known[7]
    assert list(found[1:3]) == [known[3], known[3]]
    assert len(await attio.companies.get_many([])) == 0
    with pytest.raises(CoercionError):
        await attio.companies.get_many([known[1], ""])


async def test_a_hundred_ids_take_one_request(fake: FakeAttio) -> None:
    ids = [f"5f0e3b1c-0000-4000-8000-{number:012}" for number in range(250)]
    found = await fake.client().companies.get_many(ids)
    assert found.missing == tuple(ids)
    assert sum(call.path.endswith("/query") for call in fake.calls) == 3


async def test_a_query_can_be_counted_collected_and_paged(fake: FakeAttio) -> None:
    companies = fake.client().companies
    some = F.name.starts_with("Company 1")
    assert await companies.query(some, page_size=3).count() == 10
    assert len(await companies.query(some, page_size=3).ids()) == 10
    assert (await companies.query(F.domains == "c4.example.com").one())["name"] == "Company 04"
    first = await companies.first(some, sorts=asc("name"))
    assert first is not None
    assert first["name"] == "Company 10"
    assert await companies.first(F.name == "nobody") is None
    assert len(await companies.query(page_size=5).collect(limit=12)) == 12
    async with companies.query(page_size=4).pages(prefetch=3) as pages:
        names = [record["name"] async for page in pages for record in page.items]
    assert sorted(names) == [f"Company {number:02}" for number in range(23)]


async def test_all_pages_have_the_filter_and_sorts_that_were_given(fake: FakeAttio) -> None:
    attio = fake.client()
    names = ["Company 02", "Company 01", "Company 00"]
    filter: dict[str, Any] = {"name": {"$in": names}}
    query = attio.companies.query(filter, sorts=iter([desc("name")]), page_size=1)
    scan = attio.companies.scan(filter, page_size=1)
    filter["name"] = "x"
    for _ in range(2):
        assert [record["name"] for record in await query] == names
    assert {record["name"] async for record in scan} == set(names)


async def test_a_scan_returns_each_record_once_and_resumes(fake: FakeAttio) -> None:
    companies = fake.client().companies
    everything = [record.id async for record in companies.scan(page_size=4)]
    assert len(set(everything)) == len(everything) == 23
    scan = companies.scan(F.name.contains("company"), page_size=4)
    begun = [(await scan.__anext__()).id for _ in range(9)]
    rest = [record.id async for record in companies.scan(F.name.contains("company"), resume=scan.token)]
    assert begun + rest == everything
    with pytest.raises(ConfigurationError):
        fake.client().people.scan(resume=scan.token)


async def test_a_scan_loses_nothing_to_concurrent_deletions(fake: FakeAttio) -> None:
    companies = fake.client().companies
    seen: list[str] = []
    async for record in companies.scan(page_size=5):
        seen.append(record["name"])
        if len(seen) == 5:  # a page was read; deleting these shifts all others
            for one in await companies.query(F.name.in_("Company 00", "Company 01", "Company 02")):
                await companies.delete(one)
    assert sorted(seen) == [f"Company {number:02}" for number in range(23)]


async def test_an_invalid_page_size_is_rejected(fake: FakeAttio) -> None:
    companies = fake.client().companies
    for wrong in (0, 501):
        with pytest.raises(ConfigurationError, match="1 to 500"):
            companies.query(page_size=wrong)
        with pytest.raises(ConfigurationError, match="1 to 500"):
            companies.scan(page_size=wrong)
    with pytest.raises(NotFound):
        await fake.client().records("nothing").query()
