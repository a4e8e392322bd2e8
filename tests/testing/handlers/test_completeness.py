from datetime import date

import pytest

from attio_async.testing import FakeAttio, VirtualClock
from attio_async.testing._handlers import HANDLERS
from attio_async_api.operations import OPERATIONS

from ..described import issues
from ..world import World


def test_every_operation_has_a_handler() -> None:
    assert set(OPERATIONS) - {*HANDLERS, "get_self"} == set()


@pytest.mark.parametrize("operation", ["create_comment", "create_meeting", "unsubscribe_emails"])
def test_three_operations_have_a_status_code_in_camel_case(operation: str) -> None:
    fake = FakeAttio()
    token = {"Authorization": f"Bearer {fake.token}"}
    described = OPERATIONS[operation]
    answer = fake.handle(described.method, described.path, token, b"{}")
    assert (answer.status, b'"statusCode":400' in answer.body, b"status_code" in answer.body) == (
        400,
        True,
        False,
    )


VIEWS: list[tuple[object, list[str]]] = [
    (
        {"id": {"workspace_id": "w", "view_id": "v", "object_id": "o"}, "title": "t", "created_at": "c"},
        [],
    ),
    (
        {"id": {"workspace_id": "w", "view_id": "v"}, "title": "t", "created_at": "c"},
        [".id.object_id is missing"],
    ),
    (
        {
            "id": {"workspace_id": "w", "view_id": "v", "object_id": "o"},
            "title": 1,
            "created_at": "c",
            "x": 2,
        },
        [".title is 1, not string", ".x is not described"],
    ),
]


def test_answers_are_checked_against_the_description() -> None:
    schema = {"$ref": "#/components/schemas/ObjectView"}
    assert [[*issues(value, schema, "")] for value, _ in VIEWS] == [found for _, found in VIEWS]


@pytest.mark.anyio
async def test_every_entity_is_part_of_the_document_and_of_snapshots(world: World) -> None:
    fake, attio = world.fake, world.attio
    fake.seed.add_list("sales")
    for title in ("Mine", "Old"):
        fake.seed.add_view("people", title, archived=title == "Old")
    fake.seed.add_email("Hello", sender="ada@acme.example.com", to=["ada@fake-workspace.example.com"])
    fake.seed.add_activity("demos")
    note = await attio.notes.create(world.person, title="t", content="c")
    task = await attio.tasks.create("Call", linked_records=[world.person], assignees=[world.members[0]])
    comment = await attio.comments.create("Hm", author=world.members[0], record=world.person)
    file = await attio.files.upload(world.person, bytes(range(256)), name="x.bin")
    webhook = await attio.webhooks.create("https://hooks.example.com", ["record.created"])
    await attio.sequences.unsubscribe(["bob@acme.example.com"])
    document, snapshot = fake.to_json(), fake.snapshot()

    copy = FakeAttio.from_json(document, clock=VirtualClock())
    assert copy.to_json() == document
    async with copy.client() as other:
        assert await other.notes.get(note) == note
        assert await other.tasks.get(task) == task
        assert await other.comments.get(comment) == comment
        assert await other.files.get(file) == file
        assert (await other.webhooks.get(webhook.id)).target_url == webhook.target_url
        assert [one.title for one in await other.objects.views("people")] == ["Mine"]
        assert (await other.activities.get("demos")).singular_noun == "Demo"
        assert len(await other.emails.list(domain="acme.example.com")) == 1

    await attio.people.delete(world.person)
    await attio.tasks.update(task, is_completed=True)
    await attio.webhooks.delete(webhook)
    assert await attio.notes.list() == []
    fake.restore(snapshot)
    assert fake.to_json() == document
    assert await attio.tasks.get(task) == task


@pytest.mark.anyio
async def test_a_merge_moves_every_entity(world: World) -> None:
    attio = world.attio
    other = await attio.people.create({"email_addresses": ["al@acme.example.com"]})
    note = await attio.notes.create(other, title="t", content="c")
    task = await attio.tasks.create("Call", linked_records=[world.person, other])
    comment = await attio.comments.create("Hm", author=world.members[0], record=other)
    file = await attio.files.upload(other, b"x", name="x.txt")
    meeting = world.fake.seed.add_meeting(
        "x", start=date(2026, 1, 1), end=date(2026, 1, 1), linked_records=[("people", str(other.id))]
    )
    path, ids = "/v2/objects/people/records/merge", (world.person.record_id, str(other.id))
    body = {"primary_record_id": ids[0], "secondary_record_id": ids[1]}
    merged = (await world.ask("POST", path, json={"data": body}))["data"]["new_record_id"]
    assert (await attio.notes.get(note)).parent_record_id == merged
    assert [link.target_record_id for link in (await attio.tasks.get(task)).linked_records] == [merged]
    assert (await attio.comments.get(comment)).record.record_id == merged
    assert (await attio.files.get(file)).raw["record_id"] == merged
    assert [link.record_id for link in (await attio.meetings.get(meeting)).linked_records] == [merged]
