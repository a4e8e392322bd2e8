from typing import Any

import pytest

from attio_async.errors import APIError, Conflict, NotFound

from ..world import World

pytestmark = pytest.mark.anyio

URL = "https://hooks.example.com/attio"
BY_LIST = {"$or": [{"field": "id.list_id", "operator": "equals", "value": "x"}]}


async def test_a_webhook_shows_its_secret_on_creation_only(world: World) -> None:
    webhooks = world.attio.webhooks
    subscription = {"event_type": "list-entry.created", "filter": BY_LIST}
    created = await webhooks.create(URL, ["record.created", subscription])
    assert len(created.secret) == 64
    assert created.secret not in repr(world.fake.snapshot().data.entities)
    read = await webhooks.get(created)
    assert (read.id, read.target_url, read.status) == (created.id, URL, "active")
    assert [one.raw for one in read.subscriptions] == [
        {"event_type": "record.created", "filter": None},
        subscription,
    ]
    assert "secret" not in read.raw
    changed = await webhooks.update(created, subscriptions=["task.created"])
    assert [one.event_type for one in changed.subscriptions] == ["task.created"]
    assert (await webhooks.update(created, target_url=f"{URL}/2")).target_url == f"{URL}/2"
    await webhooks.delete(created)
    with pytest.raises(NotFound):
        await webhooks.get(created)


async def test_a_url_is_not_subscribed_to_an_event_twice(world: World) -> None:
    webhooks = world.attio.webhooks
    first = await webhooks.create(URL, ["record.created"])
    second = await webhooks.create(URL, ["task.created"])
    assert first.secret != second.secret
    with pytest.raises(Conflict):
        await webhooks.create(URL, ["record.created"])
    with pytest.raises(Conflict):
        await webhooks.update(second, subscriptions=["record.created"])
    assert (await webhooks.update(first, subscriptions=["record.created"])).id == first.id


async def test_a_page_of_webhooks_has_at_least_ten(world: World) -> None:
    for number in range(11):
        await world.attio.webhooks.create(f"{URL}/{number}", ["record.created"])
    assert len((await world.ask("GET", "/v2/webhooks"))["data"]) == 10
    assert len((await world.ask("GET", "/v2/webhooks", params={"offset": 10}))["data"]) == 1
    assert len(await world.attio.webhooks.list()) == 11
    for limit in (9, 101):
        assert await world.refusal("GET", "/v2/webhooks", params={"limit": limit}) == (
            400,
            "validation_type",
            ["limit"],
        )


async def test_a_subscription_is_unique_for_its_url(world: World) -> None:
    by_app = {"event_type": "record.created", "filter": {"$and": [CONDITION]}}
    created = {"event_type": "record.created", "filter": None}

    def body(*subscriptions: dict[str, Any], url: str = URL) -> dict[str, Any]:
        return {"data": {"target_url": url, "subscriptions": [*subscriptions]}}

    conflict = (409, "uniqueness_conflict", [])
    assert await world.refusal("POST", "/v2/webhooks", json=body(created, created)) == conflict
    first = await world.ask("POST", "/v2/webhooks", json=body(created, by_app))
    assert await world.refusal("POST", "/v2/webhooks", json=body(by_app)) == conflict
    await world.ask("POST", "/v2/webhooks", json=body(created, url="https://other.example.com"))
    path = f"/v2/webhooks/{first['data']['id']['webhook_id']}"
    await world.ask("PATCH", path, json=body(created, by_app))
    assert await world.refusal("PATCH", path, json=body(created, created)) == conflict


CONDITION = {"field": "actor.type", "operator": "equals", "value": "app"}
WHERE = "data.subscriptions.0"


INVALID_WEBHOOKS: list[tuple[dict[str, Any], list[str]]] = [
    ({"target_url": "http://hooks.example.com"}, ["data.target_url"]),
    ({"target_url": "hooks.example.com"}, ["data.target_url"]),
    ({"subscriptions": []}, ["data.subscriptions"]),
    ({"subscriptions": [{"event_type": "record.created"}]}, [f"{WHERE}.filter"]),
    ({"subscriptions": [{"event_type": "moon.rose", "filter": None}]}, [f"{WHERE}.event_type"]),
    ({"subscriptions": [{"event_type": "record.created", "filter": {}}]}, [f"{WHERE}.filter"]),
    ({"subscriptions": [{"event_type": "record.created", "filter": CONDITION}]}, [f"{WHERE}.filter"]),
    (
        {
            "subscriptions": [
                {"event_type": "record.created", "filter": {"$and": [{**CONDITION, "operator": "is"}]}}
            ]
        },
        [f"{WHERE}.filter"],
    ),
    (
        {"subscriptions": [{"event_type": "record.created", "filter": {"$and": 1}}]},
        [f"{WHERE}.filter"],
    ),
]


async def test_a_filter_that_fits_no_form_is_an_invalid_input_at_a_numbered_place(world: World) -> None:
    for subscription in (
        {"event_type": "record.created"},
        {"event_type": "record.created", "filter": {"$and": [{**CONDITION, "operator": "is"}]}},
    ):
        body = {"data": {"target_url": URL, "subscriptions": [subscription]}}
        with pytest.raises(APIError) as refused:
            await world.ask("POST", "/v2/webhooks", json=body)
        (issue,) = refused.value.validation_errors
        assert issue["path"] == ["data", "subscriptions", 0, "filter"]
        assert issue["message"] == "Invalid input"


async def test_invalid_webhooks_are_refused(world: World) -> None:
    webhook = {"target_url": URL, "subscriptions": [{"event_type": "record.created", "filter": None}]}
    misfits = [
        (change, answer)
        for change, paths in INVALID_WEBHOOKS
        if (answer := await world.refusal("POST", "/v2/webhooks", json={"data": webhook | change}))
        != (400, "validation_type", paths)
    ]
    assert misfits == []
    assert await world.attio.webhooks.list() == []
