"""Values as they are written: encoded by the schema, the members and the client's write options."""

from datetime import UTC, datetime, timedelta, timezone

import anyio
import pytest

from attio_async import WriteOptions
from attio_async.errors import CoercionError
from tests.support import trio_when_full

from .support import CaughtQueries

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

CREATE_OPTIONS = WriteOptions(create_missing_options=True)


async def test_an_unknown_option_is_rejected_before_writing(caught: CaughtQueries) -> None:
    deal = {"name": "x", "stage": "Almost Their", "owner": "jane@example.com"}
    with pytest.raises(CoercionError, match="Almost There"):
        await caught.attio.deals.create(deal)
    assert not any(call.method == "POST" for call in caught.fake.calls)


async def test_a_member_may_be_given_by_name(caught: CaughtQueries) -> None:
    caught.fake.seed.add_attribute("companies", "keeper", "actor-reference")
    acme = await caught.attio.companies.create({"domains": "example.com", "keeper": "Jane Doe"})
    assert acme["keeper"].type == "workspace-member"
    with pytest.raises(CoercionError, match="keeper"):
        await caught.attio.companies.create({"keeper": "Jim Doe"})
    caught.fake.seed.add_member("jim@example.com", "Jim", "Doe")
    await caught.fake.clock.sleep(31)
    await caught.attio.companies.create({"keeper": "Jim Doe"})
    assert caught.reads("/workspace_members") == 2


async def test_missing_options_are_created_on_request(caught: CaughtQueries) -> None:
    creating = caught.attio.with_options(write_options=CREATE_OPTIONS)
    acme = await creating.companies.create(
        {"domains": "example.com", "categories": ["SAAS", "Deep Sea", "saas"]}
    )
    assert acme["categories"] == ["SAAS", "Deep Sea"]
    again = await creating.companies.create({"domains": "b.example.com", "categories": "deep sea"})
    assert again["categories"] == ["Deep Sea"]
    titles = (await caught.attio.schema("companies", options=True)).attributes["categories"].option_titles
    assert titles is not None
    assert titles.count("Deep Sea") == titles.count("SAAS") == 1
    with pytest.raises(CoercionError, match="stage"):
        await creating.deals.create({"name": "x", "stage": "Never", "owner": "jane@example.com"})
    with pytest.raises(CoercionError, match="categories"):
        await caught.attio.companies.create({"domains": "c.example.com", "categories": ["Unheard of"]})


async def test_values_of_an_iterator_are_written_although_they_are_encoded_twice(
    caught: CaughtQueries,
) -> None:
    creating = caught.attio.with_options(write_options=CREATE_OPTIONS)
    acme = await creating.companies.create(
        {"domains": iter(["example.com"]), "categories": iter(["SAAS", "Deep Sea"])}
    )
    assert (acme["domains"], acme["categories"]) == (["example.com"], ["SAAS", "Deep Sea"])
    deal = {"name": "x", "stage": "Lead", "owner": "Jane Doe", "associated_company": iter([acme])}
    assert (await caught.attio.deals.create(deal))["associated_company"].record_id == acme.id


async def test_concurrent_writes_create_a_missing_option_once() -> None:
    caught = CaughtQueries(latency=0.1)
    creating = caught.attio.with_options(write_options=CREATE_OPTIONS)

    async def write(number: int) -> None:
        values = {"domains": f"c{number}.example.com", "categories": ["Deep Sea"]}
        assert (await creating.companies.create(values))["categories"] == ["Deep Sea"]

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(write, number)
    creates = [call for call in caught.fake.calls if call.operation == "create_select_option"]
    assert len(creates) > 1  # or this test does not test what it says
    titles = (await caught.attio.schema("companies", options=True)).attributes["categories"].option_titles
    assert titles is not None
    assert titles.count("Deep Sea") == 1


async def test_naive_datetimes_are_in_the_zone_of_the_write_options(caught: CaughtQueries) -> None:
    caught.fake.seed.add_attribute("companies", "seen", "timestamp")
    naive = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - that is the point
    with pytest.raises(CoercionError, match="seen"):
        await caught.attio.companies.create({"seen": naive})
    zoned = caught.attio.with_options(write_options=WriteOptions(assume_tz=timezone(timedelta(hours=2))))
    assert (await zoned.companies.create({"seen": naive}))["seen"] == datetime(2026, 1, 2, 10, tzinfo=UTC)
