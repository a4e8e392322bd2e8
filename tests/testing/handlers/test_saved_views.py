import pytest

from attio_async.errors import NotFound

from ..world import World

pytestmark = pytest.mark.anyio


async def test_views_of_objects_and_lists(world: World) -> None:
    fake, attio = world.fake, world.attio
    list_id = fake.seed.add_list("sales")
    titles = ["All", "Mine", "Old"]
    of_people = [fake.seed.add_view("people", title, archived=title == "Old") for title in titles]
    of_list = fake.seed.add_view("sales", "Board")
    assert [view.id for view in await attio.objects.views("people", page_size=1)] == of_people[:2]
    everything = await attio.objects.views("people", show_archived=True)
    assert [view.title for view in everything] == titles
    (view,) = await attio.lists.views("sales")
    assert (view.id, view.raw["id"]["list_id"]) == (of_list, list_id)
    assert await attio.objects.views("companies") == []


async def test_invalid_queries_of_views_are_refused(world: World) -> None:
    with pytest.raises(NotFound):
        await world.attio.objects.views("planets")
    refused = (400, "validation_type", ["limit"])
    assert await world.refusal("GET", "/v2/objects/people/views", params={"limit": 1_001}) == refused


async def test_a_query_can_use_the_filter_of_a_view(world: World) -> None:
    fake = world.fake
    fake.seed.add_record("people", {"name": "Hopper, Grace"})
    named = fake.seed.add_view("people", "Named", filter={"name": {"last_name": "Hopper"}})
    everybody = fake.seed.add_view("people", "Everybody")
    other = fake.seed.add_view("companies", "Companies")
    path = "/v2/objects/people/records/query"

    async def found(view: str) -> list[str]:
        answer = await world.ask("POST", path, json={"filter_view_id": view})
        return [record["values"]["name"][0]["last_name"] for record in answer["data"]]

    assert await found(named) == ["Hopper"]
    assert await found(everybody) == ["Lovelace", "Hopper"]
    for view in (other, world.missing):
        refused = await world.refusal("POST", path, json={"filter_view_id": view})
        assert refused == (400, "value_not_found", [])
    both = {"filter_view_id": named, "filter": {"name": "x"}}
    assert await world.refusal("POST", path, json=both) == (400, "validation_type", ["filter_view_id"])
