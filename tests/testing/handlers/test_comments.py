import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from attio_async.errors import NotFound

from ..world import Refusal, World

pytestmark = pytest.mark.anyio


async def test_a_thread_on_a_record(world: World) -> None:
    comments, threads, events = world.attio.comments, world.attio.threads, world.events()
    head = await comments.create("First", author=world.members[0], record=world.person)
    assert (head.thread_id, head.entry, head.author.id) == (head.id, None, world.members[0])
    earlier = datetime(2020, 1, 1, tzinfo=UTC)
    reply = await comments.create(
        "Second", author=world.members[1], thread=head.thread_id, created_at=earlier
    )
    assert (reply.thread_id, reply.record, reply.created_at) == (head.id, head.record, earlier)
    assert await comments.get(reply) == reply
    (summary,) = await threads.list(record=world.person)
    assert (summary.id, summary.comments, summary.has_more_comments) == (head.thread_id, [head, reply], False)
    assert (await threads.get(head.thread_id)).comments == [head, reply]
    after = threads.comments(head.thread_id, created_after=earlier + timedelta(seconds=1))
    assert await after == [head]
    await comments.delete(reply)
    assert (await threads.get(head.thread_id)).comments == [head]
    assert [event.event_type for event in events] == ["comment.created"] * 2 + ["comment.deleted"]
    assert events[1].details["thread_id"] == head.id


MOMENTS = [
    ("2025-12-31T23:59:59%2B00:00", 1),
    ("2026-01-01T00:59:59.5+01:00", 1),  # with an unescaped plus sign
    ("2026-01-01 00:00:00", 0),
    ("null", 1),
]


async def test_created_after_takes_every_time_zone(world: World) -> None:
    head = await world.attio.comments.create("Hm", author=world.members[0], record=world.person)
    token = {"Authorization": f"Bearer {world.fake.token}"}
    for moment, count in MOMENTS:
        target = f"/v2/threads/{head.thread_id}?created_after={moment}"
        answer = world.fake.handle("GET", target, token, b"")
        assert len(json.loads(answer.body)["data"]["comments"]) == count, moment


async def test_a_thread_is_deleted_with_its_first_comment(world: World) -> None:
    head = await world.attio.comments.create("First", author=world.members[0], record=world.person)
    reply = await world.attio.comments.create("Second", author=world.members[0], thread=head.thread_id)
    events = world.events()
    await world.attio.comments.delete(head)
    assert [event.ids["comment_id"] for event in events] == [head.id, reply.id]
    assert await world.attio.threads.list(record=world.person) == []
    for gone in (world.attio.threads.get(head.thread_id), world.attio.comments.get(reply)):
        with pytest.raises(NotFound):
            await gone


async def test_an_entry_has_threads_of_its_own(world: World) -> None:
    world.fake.seed.add_list("sales", parent="people")
    entry = world.fake.seed.add_entry("sales", world.person.record_id)["id"]
    place = {"list": "sales", "entry_id": entry["entry_id"]}
    comment = await world.attio.comments.create("Hm", author=world.members[0], entry=place)
    assert comment.entry is not None
    assert (comment.entry.list_id, comment.entry.entry_id) == (entry["list_id"], entry["entry_id"])
    assert comment.record.record_id == world.person.record_id
    assert [one.id for one in await world.attio.threads.list(entry=place)] == [comment.thread_id]
    assert await world.attio.threads.list(record=world.person) == []
    await world.attio.entries("sales").delete(entry["entry_id"])
    with pytest.raises(NotFound):
        await world.attio.comments.get(comment)


async def test_long_threads_are_paged(world: World) -> None:
    head = await world.attio.comments.create("0", author=world.members[0], record=world.person)
    for number in range(1, 83):
        await world.attio.comments.create(str(number), author=world.members[0], thread=head.thread_id)
    (summary,) = await world.attio.threads.list(record=world.person)
    assert ([one.content_plaintext for one in summary.comments], summary.has_more_comments) == (
        [str(number) for number in range(81)],
        True,
    )
    pages = [page async for page in world.attio.threads.comments(head.thread_id, page_size=40).pages()]
    assert [len(page.items) for page in pages] == [40, 40, 3]
    assert [one.content_plaintext for page in pages for one in page.items] == [str(n) for n in range(83)]


async def test_a_page_of_threads_has_ten(world: World) -> None:
    for number in range(11):
        await world.attio.comments.create(str(number), author=world.members[0], record=world.person)
    where = {"object": "people", "record_id": world.person.record_id}
    assert len((await world.ask("GET", "/v2/threads", params=where))["data"]) == 10
    assert len(await world.attio.threads.list(record=world.person)) == 11


async def test_a_thread_can_be_resolved(world: World) -> None:
    head = await world.attio.comments.create("Hm", author=world.members[0], record=world.person)
    events = world.events()
    world.fake.seed.resolve_comment(head.id, world.members[1])
    resolved = await world.attio.comments.get(head)
    assert resolved.resolved_by is not None
    assert (resolved.resolved_at, resolved.resolved_by.id) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        world.members[1],
    )
    world.fake.seed.unresolve_comment(head.id)
    assert (await world.attio.comments.get(head)).resolved_at is None
    assert [event.event_type for event in events] == ["comment.resolved", "comment.unresolved"]


MISSING = "11111111-2222-4333-8444-555555555555"


INVALID_COMMENTS: list[tuple[dict[str, Any], Refusal]] = [
    ({}, (400, "validation_type", ["data"])),
    ({"thread_id": MISSING}, (400, "value_not_found", [])),
    (
        {"thread_id": MISSING, "record": {"object": "people", "record_id": MISSING}},
        (400, "validation_type", ["data"]),
    ),
    ({"record": {"object": "people", "record_id": MISSING}}, (400, "value_not_found", [])),
    ({"record": {"object": "planets", "record_id": MISSING}}, (400, "value_not_found", [])),
    ({"record": {"object": "people"}}, (400, "validation_type", ["data"])),
    ({"entry": {"list": "sales", "entry_id": MISSING}}, (400, "value_not_found", [])),
    (
        {"author": {"type": "app", "id": MISSING}, "thread_id": MISSING},
        (400, "validation_type", ["data"]),
    ),
    (
        {"author": {"type": "workspace-member", "id": MISSING}, "thread_id": MISSING},
        (400, "value_not_found", []),
    ),
    ({"format": "markdown", "thread_id": MISSING}, (400, "validation_type", ["data"])),
]


async def test_invalid_comments_are_refused(world: World) -> None:
    author = {"type": "workspace-member", "id": world.members[0]}
    comment = {"format": "plaintext", "content": "c", "author": author}
    misfits = [
        (change, answer)
        for change, refusal in INVALID_COMMENTS
        if (answer := await world.refusal("POST", "/v2/comments", json={"data": comment | change})) != refusal
    ]
    assert misfits == []


INVALID_QUERIES: list[tuple[dict[str, str], Refusal]] = [
    ({}, (400, "validation_type", ["object", "record_id"])),
    ({"record_id": MISSING}, (400, "validation_type", ["object"])),
    ({"list": "sales"}, (400, "validation_type", ["entry_id"])),
    ({"list": "sales", "entry_id": "x"}, (400, "validation_type", ["entry_id"])),
    ({"list": "sales", "entry_id": MISSING}, (404, "not_found", [])),
    ({"object": "people", "record_id": MISSING}, (404, "not_found", [])),
]


async def test_invalid_queries_of_threads_are_refused(world: World) -> None:
    misfits = [
        (params, answer)
        for params, refusal in INVALID_QUERIES
        if (answer := await world.refusal("GET", "/v2/threads", params=params)) != refusal
    ]
    assert misfits == []


async def test_invalid_cursors_and_limits_are_refused(world: World) -> None:
    head = await world.attio.comments.create("0", author=world.members[0], record=world.person)
    path = f"/v2/threads/{head.thread_id}"
    for params in ({"cursor": "?"}, {"cursor": "YWZ0ZXI6LTE"}, {"limit": 251}, {"limit": 0}):
        assert await world.refusal("GET", path, params=params) == (400, "validation_type", [*params])
