"""What a filter's names mean is fetched once, however many ask, and again when something was not found."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import anyio
import pytest

from attio_async import (
    Attio,
    F,
    Request,
    Response,
    WriteOptions,
    asc,
    desc,
)
from attio_async.errors import (
    CoercionError,
    FilterError,
    NotFound,
)
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


class Watched:
    """A fake whose queries are caught before they arrive, so that their bodies can be looked at."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self.fake = FakeAttio(clock=VirtualClock(), latency=latency)
        self.bodies: list[dict[str, Any]] = []
        self.attio: Attio = self.fake.client(middleware=[self.catch])

    async def catch(self, request: Request, send: Any) -> Response:
        if request.path.endswith("/query"):
            self.bodies.append(request.json)
            return Response(status=200, headers={}, body=b'{"data": []}')
        return await send(request)

    async def asked(self, filter: Any, sorts: Any = None, *, of: str = "deals") -> dict[str, Any]:
        await self.attio.records(of).query(filter, sorts=sorts)
        return self.bodies[-1]

    def reads(self, ending: str) -> int:
        return sum(call.path.endswith(ending) for call in self.fake.calls)


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    watched.fake.seed.add_option("deals", "stage", "Almost There")
    watched.fake.seed.add_member("jane@acme.example", "Jane", "Doe")
    return watched


async def test_dicts_go_as_they_are_and_need_nothing(watched: Watched) -> None:
    body = await watched.asked({"name": "x"}, [{"attribute": "name", "direction": "asc"}])
    assert body["filter"] == {"name": "x"}
    assert body["sorts"] == [{"attribute": "name", "direction": "asc"}]
    assert watched.reads("/options") == watched.reads("/statuses") == watched.reads("/workspace_members") == 0


async def test_values_are_put_into_the_form_of_their_attribute(watched: Watched) -> None:
    body = await watched.asked(
        (F.value > Decimal("500.5")) & F.name.contains("Ltd"), [desc("created_at"), asc("name")]
    )
    value, name = {"value": {"currency_value": {"$gt": 500.5}}}, {"name": {"value": {"$contains": "Ltd"}}}
    assert body["filter"] == {"$and": [value, name]}
    assert [sort["direction"] for sort in body["sorts"]] == ["desc", "asc"]
    body = await watched.asked(F.foundation_date == date(2020, 1, 2), of="companies")
    assert "2020-01-02" in str(body["filter"])
    body = await watched.asked(F.created_at >= datetime(2020, 1, 2, tzinfo=UTC))
    assert "2020-01-02T00:00:00" in str(body["filter"])


async def test_options_are_found_by_title_in_any_spelling_and_asked_for_once(watched: Watched) -> None:
    for _ in range(3):
        await watched.asked(F["Stage"] == "almost there")
    assert "Almost There" in str(watched.bodies[-1])
    assert watched.reads("/statuses") == 1
    with pytest.raises(FilterError, match="Almost There"):
        await watched.asked(F.stage == "Almost Their")


async def test_members_are_found_by_address(watched: Watched) -> None:
    body = await watched.asked(F.owner == "jane@acme.example")
    (jane,) = [m for m in await watched.attio.workspace_members.list() if m.email_address.startswith("jane")]
    assert jane.raw["id"]["workspace_member_id"] in str(body["filter"])
    with pytest.raises(FilterError):
        await watched.asked(F.owner == "nobody@acme.example")


async def test_a_reference_leads_to_its_target_without_saying_so(watched: Watched) -> None:
    body = await watched.asked(F.company.domains == "acme.example", of="people")
    assert body["filter"]["path"] == [["people", "company"], ["companies", "domains"]]
    assert await watched.asked(F.company.via("companies").domains == "acme.example", of="people") == body


async def test_what_is_wrong_is_said_before_the_query_is_sent(watched: Watched) -> None:
    for wrong, told in ((F.nme == "x", "name"), (F.name > 3, "name"), (F.value == "much", "value")):
        with pytest.raises(FilterError, match=told):
            await watched.asked(wrong)
    assert watched.bodies == []


async def test_what_was_added_meanwhile_is_found_by_reading_again(watched: Watched) -> None:
    await watched.asked(F.name == "x")
    watched.fake.seed.add_attribute("deals", "mood", "text")
    with pytest.raises(FilterError):
        await watched.asked(F.mood == "good")  # just read: nothing to be gained
    await watched.fake.clock.sleep(31)
    await watched.asked(F.mood == "good")
    await watched.asked(F.mood == "bad")
    assert watched.reads("/deals/attributes") == 2
    watched.fake.seed.add_attribute("deals", "tempo", "text")
    await watched.fake.clock.sleep(31)
    deal = {"name": "x", "stage": "Lead", "owner": "jane@acme.example", "tempo": "fast"}
    assert (await watched.attio.deals.create(deal))["tempo"] == "fast"


async def test_unknown_options_are_refused_before_writing(watched: Watched) -> None:
    with pytest.raises(CoercionError, match="Almost There"):
        await watched.attio.deals.create({"name": "x", "stage": "Almost Their", "owner": "jane@acme.example"})
    assert not any(call.method == "POST" for call in watched.fake.calls)


async def test_members_are_written_by_name_too(watched: Watched) -> None:
    watched.fake.seed.add_attribute("companies", "keeper", "actor-reference")
    acme = await watched.attio.companies.create({"domains": "acme.example", "keeper": "Jane Doe"})
    assert acme["keeper"].type == "workspace-member"
    with pytest.raises(CoercionError, match="keeper"):
        await watched.attio.companies.create({"keeper": "Jim Doe"})
    watched.fake.seed.add_member("jim@acme.example", "Jim", "Doe")
    await watched.fake.clock.sleep(31)
    await watched.attio.companies.create({"keeper": "Jim Doe"})
    assert watched.reads("/workspace_members") == 2


async def test_many_tasks_ask_once() -> None:
    watched = Watched(latency=0.1)
    async with anyio.create_task_group() as group:
        for number in range(50):
            group.start_soon(watched.asked, F.name == f"{number}")
    assert watched.reads("/deals/attributes") == 1
    assert len(watched.bodies) == 50


async def test_a_first_query_is_not_slower_for_the_schema() -> None:
    fake = FakeAttio(clock=VirtualClock(), latency=0.1)
    attio = fake.client()
    await attio.people.query({"name": {"full_name": "Ada"}})
    assert fake.clock.monotonic() == pytest.approx(0.1)


async def test_what_is_known_is_read_again_after_its_time() -> None:
    watched = Watched()
    await watched.asked(F.name == "x")
    await watched.fake.clock.sleep(301)
    await watched.asked(F.name == "x")
    assert watched.reads("/deals/attributes") == 2


async def test_nothing_is_shared_between_tokens() -> None:
    watched = Watched()
    await watched.asked(F.name == "x")
    other = watched.attio.with_options(token="test-token ")
    await other.deals.query(F.name == "x")
    assert watched.reads("/deals/attributes") == 1  # the same token after all
    stranger = watched.attio.with_options(token="another")
    await stranger.deals.query(F.name == "x")
    assert watched.reads("/deals/attributes") == 2
    assert watched.fake.calls[-1].status == 401


async def test_schemas_are_found_by_what_people_call_things(watched: Watched) -> None:
    watched.fake.seed.add_list("sales", "Sales pipeline", parent="companies")
    attio = watched.attio
    assert (await attio.schema("Companies")).name == "companies"
    assert (await attio.schema("deal", options=True)).attributes["stage"].option_titles is not None
    assert (await attio.schema("sales pipeline", target="lists")).name == "sales"
    with pytest.raises(NotFound):
        await attio.schema("nonsense")


async def test_what_we_change_is_read_again(watched: Watched) -> None:
    before = await watched.attio.schema("people")
    await watched.attio.attributes("people").create("Shoe size", api_slug="shoe_size", type="number")
    assert set((await watched.attio.schema("people")).attributes) - set(before.attributes) == {"shoe_size"}


async def test_missing_options_are_made_when_asked_for(watched: Watched) -> None:
    making = watched.attio.with_options(write_options=WriteOptions(create_missing_options=True))
    acme = await making.companies.create(
        {"domains": "acme.example", "categories": ["SaaS", "Deep Sea", "saas"]}
    )
    assert acme["categories"] == ["SaaS", "Deep Sea"]
    again = await making.companies.create({"domains": "b.example", "categories": "deep sea"})
    assert again["categories"] == ["Deep Sea"]
    titles = (await watched.attio.schema("companies", options=True)).attributes["categories"].option_titles
    assert titles is not None
    assert titles.count("Deep Sea") == titles.count("SaaS") == 1
    with pytest.raises(CoercionError, match="stage"):
        await making.deals.create({"name": "x", "stage": "Never", "owner": "jane@acme.example"})
    with pytest.raises(CoercionError, match="categories"):
        await watched.attio.companies.create({"domains": "c.example", "categories": ["Unheard of"]})


async def test_two_that_make_the_same_option_make_one() -> None:
    watched = Watched(latency=0.1)
    making = watched.attio.with_options(write_options=WriteOptions(create_missing_options=True))
    await making.companies.upsert_many([], match="domains")

    async def write(number: int) -> None:
        company = await making.companies.create({"domains": f"c{number}.example", "categories": ["Deep Sea"]})
        assert company["categories"] == ["Deep Sea"]

    async with anyio.create_task_group() as group:
        for number in range(5):
            group.start_soon(write, number)
    assert [
        call.status for call in watched.fake.calls if call.path.endswith("/options") and call.method == "POST"
    ]
    titles = (await watched.attio.schema("companies", options=True)).attributes["categories"].option_titles
    assert titles is not None
    assert titles.count("Deep Sea") == 1


async def test_naive_datetimes_are_taken_in_the_zone_given(watched: Watched) -> None:
    watched.fake.seed.add_attribute("companies", "seen", "timestamp")
    naive = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - that is the point
    with pytest.raises(CoercionError, match="seen"):
        await watched.attio.companies.create({"seen": naive})
    here = watched.attio.with_options(write_options=WriteOptions(assume_tz=timezone(timedelta(hours=2))))
    assert (await here.companies.create({"seen": naive}))["seen"] == datetime(2026, 1, 2, 10, tzinfo=UTC)
