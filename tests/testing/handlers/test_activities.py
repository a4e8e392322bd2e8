import pytest

from attio_async.errors import BadRequest, Conflict, NotFound

from ..world import World

pytestmark = pytest.mark.anyio

OWN = ["activities", "interactions", "calls", "emails"]


async def test_an_activity_is_created_renamed_and_deleted(world: World) -> None:
    activities, events = world.attio.activities, world.events()
    calls = await activities.get("calls")
    assert (calls.is_system_activity, calls.extends) == (True, [])
    demo = await activities.create("demos", singular_noun="Demo", plural_noun="Demos", extends="calls")
    assert (demo.is_system_activity, [one.schema_slug for one in demo.extends]) == (False, ["calls"])
    assert [one.api_slug for one in await activities.list(page_size=2)] == [*OWN, "demos"]
    renamed = await activities.update(demo, api_slug="demonstrations", plural_noun="Demonstrations")
    assert (renamed.api_slug, renamed.singular_noun) == ("demonstrations", "Demo")
    assert await activities.get("demonstrations") == renamed
    with pytest.raises(NotFound):
        await activities.get("demos")
    await activities.delete(renamed)
    assert [one.api_slug for one in await activities.list()] == OWN
    assert [event.event_type for event in events] == [
        f"activity.{what}" for what in ("created", "updated", "deleted")
    ]


async def test_events_of_activities_have_their_ids_and_actor(world: World) -> None:
    seed, activities, events = world.fake.seed, world.attio.activities, world.events()
    demo = await activities.create("demos", singular_noun="Demo", plural_noun="Demos", extends="calls")
    demo = await activities.update(demo, plural_noun="Demonstrations")
    attribute = seed.add_attribute("demos", "kind", "select", options=["Long"])
    seed.add_option("demos", "kind", "Short")
    record = await activities.records("demos").create({"kind": "Short"})
    await activities.records("demos").delete(record)
    await activities.delete(demo)
    ids = {"workspace_id": demo.id.part("workspace_id"), "activity_id": demo.id.part("activity_id")}
    of_attribute, of_record = {**ids, "attribute_id": attribute}, {**ids, "record_id": record.id}
    payloads = [event.event() for event in events]
    assert [(one["event_type"], one["id"]) for one in payloads] == [
        ("activity.created", ids),
        ("activity.updated", ids),
        ("activity-attribute.created", of_attribute),
        ("activity-attribute.updated", of_attribute),
        ("activity-record.created", of_record),
        ("activity-record.deleted", of_record),
        ("activity.deleted", ids),
    ]
    actors = [one["actor"]["type"] for one in payloads]
    assert actors == ["api-token", "api-token", "system", "system", *["api-token"] * 3]
    assert all(set(one) == {"event_type", "id", "actor"} for one in payloads)


async def test_invalid_changes_of_activities_are_refused(world: World) -> None:
    activities = world.attio.activities
    world.fake.seed.add_activity("demos")
    with pytest.raises(Conflict):
        await activities.create("demos", singular_noun="D", plural_noun="D", extends="calls")
    with pytest.raises(Conflict):
        await activities.update("demos", api_slug="calls")
    with pytest.raises(BadRequest):
        await activities.update("calls", api_slug="rings")
    with pytest.raises(BadRequest) as caught:
        await activities.delete("calls")
    assert caught.value.code == "system_edit_unauthorized"
    with pytest.raises(ValueError, match="already"):
        world.fake.seed.add_activity("demos")
    body = {"api_slug": "x", "singular_noun": "x", "plural_noun": "x", "extends": "people"}
    refused = (400, "validation_type", ["data.extends"])
    assert await world.refusal("POST", "/v2/activities", json={"data": body}) == refused


async def test_records_of_activities(world: World) -> None:
    fake, events = world.fake, world.events()
    fake.seed.add_attribute("calls", "code", "text", unique=True)
    fake.seed.add_attribute("calls", "with", "record-reference", multiselect=True, allowed_objects=["people"])
    fake.seed.add_activity("demos", extends="calls")
    demos = world.attio.activities.records("demos")
    person = {"target_object": "people", "target_record_id": world.person.record_id}
    record = await demos.create({"code": "a", "with": [person]})
    assert record.first("code") == "a"
    assert (await demos.upsert({"code": "a", "with": []}, match="code")).all("with") == []
    other = await demos.upsert({"code": "b"}, match="code")
    assert [one.id for one in await demos.query(sorts=[{"attribute": "code", "direction": "desc"}])] == [
        other.id,
        record.id,
    ]
    assert [one.id for one in await demos.query({"code": "b"})] == [other.id]
    updated = await demos.update(other, {"with": [person]})
    assert [one.record_id for one in updated.all("with")] == [world.person.record_id]
    await world.attio.people.delete(world.person)
    assert (await demos.get(other)).all("with") == []
    assert (await demos.update(other, {"code": "c"}, multiselect="overwrite")).first("code") == "c"
    await demos.delete(other)
    with pytest.raises(NotFound):
        await demos.get(other)
    await world.attio.activities.delete("demos")
    types = [event.event_type for event in events if event.event_type.startswith("activity-record")]
    assert types == ["activity-record.created"] * 2 + ["activity-record.deleted"] * 2


async def test_invalid_records_of_activities_are_refused(world: World) -> None:
    fake = world.fake
    fake.seed.add_attribute("calls", "code", "text", unique=True)
    fake.seed.add_attribute("calls", "topic", "text", required=True)
    path = "/v2/activities/calls/records"

    async def refusal(
        values: dict[str, object], method: str = "POST", at: str = path, **params: str
    ) -> object:
        return await world.refusal(method, at, json={"data": {"values": values}}, params=params)

    assert await refusal({"code": "a"}) == (400, "missing_value", [])
    assert await refusal({"colour": "red", "topic": "x"}) == (400, "value_not_found", [])
    assert await refusal({}, "PUT") == (400, "validation_type", ["matching_attribute"])
    assert (await refusal({"topic": "x"}, "PUT", matching_attribute="topic"))[1] == (
        "matching_attribute_definition_not_unique"
    )
    assert await refusal({}, "PATCH", f"{path}/{world.missing}") == (404, "not_found", [])
    assert await refusal({}, at="/v2/activities/rings/records") == (404, "not_found", [])
    query = await world.refusal("POST", f"{path}/query", json={"filter": {"colour": "red"}})
    assert query[:2] == (400, "unknown_filter_attribute_slug")
