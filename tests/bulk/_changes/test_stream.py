"""One stream of changes, from webhooks and from sweeps. Time is virtual."""

import random
import sqlite3
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest

from attio_async import Attio, Merges, RecordRef, Request, Response
from attio_async.bulk import Changed, Created, Deleted, Feed, Merged
from attio_async.errors import BadRequest, ConfigurationError
from attio_async.testing import Deliveries, FakeAttio, FixedResponse, VirtualClock
from attio_async.webhooks import WebhookReceiver, sign

pytestmark = pytest.mark.anyio

SECRET = "s"


class Workspace:
    """A fake with an object and a list, a client, and a receiver that gets what the fake's log says."""

    def __init__(self, folder: Path) -> None:
        self.fake = FakeAttio(clock=VirtualClock())
        self.file = folder / "feed.db"
        self.attio: Attio = self.fake.client()
        seed = self.fake.seed
        seed.add_object("ships", "Ship", "Ships")
        seed.add_attribute("ships", "name", "text")
        seed.add_attribute("ships", "stage", "status", options=["Lead", "Won", "Lost"])
        seed.add_attribute("ships", "tags", "select", options=["A", "B", "C"], multiselect=True)
        seed.add_list("fleet", "Fleet", "ships")
        seed.add_attribute("fleet", "tier", "text")
        self.receiver = WebhookReceiver(secret=SECRET, clock=self.fake.clock)
        self.log: list[Any] = []
        self.fake.changes.subscribe(self.log.append)

    def ship(self, **values: Any) -> str:
        self.fake.clock.advance(1)
        identifier: str = self.fake.seed.add_record("ships", values)["id"]["record_id"]
        return identifier

    def feed(self, **options: Any) -> Feed[Any]:
        return self.attio.feed(self.file, **{"objects": ["ships"], **options})

    async def sweep(self, **options: Any) -> list[Any]:
        """Return the changes of one sweep, confirmed."""
        async with self.feed(**options) as feed:
            found = [change async for change in feed]
            await feed.ack(*found)
        return found

    async def deliver(self, *events: Any) -> None:
        """Deliver events of the log, and handle them."""
        for number, change in enumerate(events):
            body = msgspec.json.encode({"webhook_id": "w", "events": [change.event()]})
            key = f"{id(change)}-{number}-{random.random()}"
            headers = {"Attio-Signature": sign(body, SECRET), "Idempotency-Key": key}
            assert (await self.receiver.receive(headers, body)).status == 202
        await self.receiver.drain()

    def tick(self) -> None:
        self.fake.clock.advance(5)


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def told(changes: Any) -> list[tuple[Any, ...]]:
    """Return changes without times and places."""
    found: list[tuple[Any, ...]] = []
    for change in changes:
        match change:
            case Changed():
                found.append((change.object, change.record_id, change.attribute, change.before, change.after))
            case Merged():
                found.append(("merged", change.record_id, change.into))
            case Created() | Deleted():
                found.append((type(change).__name__.lower(), change.record_id))
    return found


async def some(feed: Feed[Any], count: int) -> list[Any]:
    found = []
    for _ in range(count):
        with anyio.fail_after(10):
            found.append(await anext(feed))
            await found[-1].ack()
    return found


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
class TestWebhooks:
    async def test_an_event_is_told_at_once_and_the_next_sweep_does_not_tell_it_again(
        self, work: Workspace
    ) -> None:
        ship = work.ship(name="Alpha", stage="Lead")
        async with work.feed(receiver=work.receiver, sweep_every=3600) as feed:
            assert told(await some(feed, 1)) == [("created", ship)]
            work.tick()
            await work.attio.records("ships").update(ship, {"stage": "Won"})
            await work.deliver(*work.log)
            calls = len(work.fake.calls)
            (change,) = await some(feed, 1)
            assert told([change]) == [("ships", ship, "stage", "Lead", "Won")]
            assert change.actor is not None
            assert change.at == change.after_values[0].active_from
            assert len(work.fake.calls) - calls <= 2
            work.fake.clock.advance(3600)
            work.ship(name="Beta")
            assert [type(change) for change in await some(feed, 1)] == [Created]
        assert await work.sweep() == []

    async def test_doubled_late_and_false_events_change_nothing(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha", stage="Lead")
        await work.sweep()
        ships = work.attio.records("ships")
        async with work.feed(receiver=work.receiver, sweep_every=3600) as feed:
            for stage in ("Won", "Lost", "Lead"):
                work.tick()
                await ships.update(ship, {"stage": stage, "name": stage})
            await work.deliver(*reversed(work.log), *work.log)
            found = told(await some(feed, 2))
            assert sorted(found) == [
                ("ships", ship, "name", "Alpha", "Lead"),
                ("ships", ship, "stage", "Lead", "Lead"),  # set again
            ]
            await ships.create({"name": "Beta"})
            made = work.log[-1]
            await work.deliver(made, work.log[0])
            assert [type(change) for change in await some(feed, 1)] == [Created]
            await ships.delete(made.ids["record_id"])
            await work.deliver(work.log[-1], made, work.log[-1])
            (gone,) = await some(feed, 1)
            assert told([gone]) == [("deleted", made.ids["record_id"])]
            assert (gone.actor.type, gone.at) == ("api-token", None)
            assert gone.record["name"] == "Beta"
            work.ship(name="Gamma")
            work.fake.clock.advance(3600)
            assert [type(change) for change in await some(feed, 1)] == [Created]
        assert await work.sweep() == []

    async def test_what_vanished_between_two_sightings_is_not_told(self, work: Workspace) -> None:
        await work.sweep()
        ships = work.attio.records("ships")
        made = await ships.create({"name": "Alpha"})
        await ships.delete(made)
        async with work.feed(receiver=work.receiver) as feed:
            await work.deliver(*work.log)
            assert [change async for change in feed] == []

    async def test_what_cannot_be_read_again_does_not_stop_the_sweeps(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha")
        await work.sweep()
        async with work.feed(receiver=work.receiver) as feed:
            await work.attio.records("ships").update(ship, {"name": "Beta"})
            await work.deliver(*work.log)
            found: list[Any] = []
            with work.fake.fault(FixedResponse(400, {"message": "no"}), operation="get_record", times=20):
                for _ in range(20):
                    try:
                        found.append(await anext(feed))
                    except (BadRequest, StopAsyncIteration):
                        continue
            assert told(found) == [("ships", ship, "name", "Alpha", "Beta")]

    async def test_the_echo_of_a_formula_is_not_told(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha", stage="Lead")
        await work.sweep()
        webhook = await work.attio.webhooks.create(
            "https://app.example.com/hook", work.feed(lists=["fleet"], also=["notes"]).subscriptions
        )
        work.receiver = WebhookReceiver(secret=webhook.secret, clock=work.fake.clock)
        work.fake.webhooks.form = Deliveries(formula="name", batch=5)
        async with work.feed(receiver=work.receiver, sweep_every=3600) as feed:
            await work.attio.records("ships").update(ship, {"stage": "Won"})
            first = len(await work.fake.webhooks.deliver(work.receiver.asgi()))
            work.fake.clock.advance(2)
            echo = len(await work.fake.webhooks.deliver(work.receiver.asgi()))
            assert (first, echo) == (1, 1)
            assert told(await some(feed, 1)) == [("ships", ship, "stage", "Lead", "Won")]
        assert await work.sweep() == []

    async def test_events_that_came_before_a_crash_are_followed_after_it(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha", stage="Lead")
        await work.sweep()
        async with work.feed(receiver=work.receiver):
            await work.attio.records("ships").update(ship, {"stage": "Won"})
            await work.deliver(*work.log)
        calls = len(work.fake.calls)
        async with work.feed() as feed:
            assert told([await anext(feed)]) == [("ships", ship, "stage", "Lead", "Won")]
        assert not [call for call in work.fake.calls[calls:] if call.path.endswith("/query")]

    async def test_an_event_during_the_end_leaves_the_file_closed(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha")
        await work.attio.records("ships").update(ship, {"name": "Beta"})
        for _ in range(5):
            feed = work.feed(receiver=work.receiver, sweep_every=3600)
            await feed.__aenter__()
            async with anyio.create_task_group() as group:
                for change in work.log:
                    group.start_soon(work.deliver, change)
                await anyio.lowlevel.checkpoint()
                await feed.aclose()
            await work.sweep()  # which could not open it

    async def test_a_closed_feed_takes_no_events(self, work: Workspace) -> None:
        await work.sweep(receiver=work.receiver)
        await work.sweep(receiver=work.receiver)  # the name of its handler is free again
        work.ship(name="Alpha")
        await work.attio.records("ships").create({"name": "Beta"})
        await work.deliver(*work.log)
        assert work.receiver.pending_count == 0
        assert len(await work.sweep(receiver=work.receiver)) == 2


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestMerges:
    async def test_a_merge_is_told_as_such_by_its_event(self, work: Workspace) -> None:
        first, second = work.ship(name="Alpha", tags=["A"]), work.ship(name="Beta", tags=["B"])
        await work.sweep()
        async with work.feed(receiver=work.receiver, sweep_every=3600) as feed:
            other = work.fake.client()  # another program, whose merges this one does not know
            new = await other.records("ships").merge(first, second)
            await work.deliver(*[change for change in work.log if change.event_type == "record.merged"])
            found = await some(feed, 3)
            assert told(found[:1]) == [("created", new.id)]
            assert sorted(told(found[1:])) == sorted([("merged", first, new.id), ("merged", second, new.id)])
            assert {change.actor.type for change in found[1:]} == {"api-token"}
            assert await work.attio.merges.follow(first) == new.id
        assert await work.sweep() == []

    @pytest.mark.parametrize("seen_by", ["the client", "nobody"])
    async def test_a_sweep_recognises_a_merge(self, work: Workspace, seen_by: str) -> None:
        """By the merges that the client made, or by values that are older than the record that has them."""
        first, second = work.ship(name="Alpha", tags=["A"]), work.ship(tags=["B"])
        work.ship(name="Gamma", tags=["B"])
        await work.sweep()
        work.tick()
        attio = work.attio if seen_by == "the client" else work.fake.client()
        assert isinstance(attio.merges, Merges)
        new = await attio.records("ships").merge(first, second)
        lone = work.ship(name="Alpha", tags=["A"])
        found = told(await work.sweep())
        assert sorted(found) == sorted(
            [
                ("created", new.id),
                ("created", lone),
                ("merged", first, new.id),
                ("merged", second, new.id),
            ]
        )
        assert await work.attio.merges.follow(first) == await work.attio.merges.follow(second) == new.id

    async def test_a_deleted_record_is_not_taken_for_a_merged_one(self, work: Workspace) -> None:
        first = work.ship(name="Alpha", tags=["A"])
        await work.sweep()
        work.tick()
        await work.attio.records("ships").delete(first)
        again = await work.attio.records("ships").create({"name": "Alpha", "tags": ["A"]})
        assert sorted(told(await work.sweep())) == sorted([("created", again.id), ("deleted", first)])


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestHistory:
    async def test_every_change_of_the_attribute_is_told(self, work: Workspace) -> None:
        ship, idle = work.ship(name="Alpha", stage="Lead"), work.ship(name="Beta", stage="Lead")
        ships = work.attio.records("ships")
        options: dict[str, Any] = {"history": ["ships.stage", "ships.tags"]}
        await work.sweep(**options)
        for stage, name in (("Won", "x"), ("Lost", "y"), ("Lead", "z")):
            work.tick()
            await ships.update(ship, {"stage": stage, "name": name})
        for tags in (["A"], ["A", "B"], []):
            work.tick()
            await ships.update(idle, {"tags": tags}, multiselect="overwrite")
        found = await work.sweep(**options)
        assert [each for each in told(found) if each[1] == ship] == [
            ("ships", ship, "stage", "Lead", "Won"),
            ("ships", ship, "stage", "Won", "Lost"),
            ("ships", ship, "name", "Alpha", "z"),
            ("ships", ship, "stage", "Lost", "Lead"),
        ]
        assert [each[3:] for each in told(found) if each[1] == idle] == [
            ([], ["A"]),
            (["A"], ["A", "B"]),
            (["A", "B"], []),
        ]
        moments = [change.at for change in found]
        assert None not in moments
        assert await work.sweep(**options) == []

    async def test_a_new_record_is_told_as_it_was_at_first(self, work: Workspace) -> None:
        options: dict[str, Any] = {"history": ["ships.stage"]}
        work.ship(name="Old", stage="Lead")
        await work.sweep(**options)
        work.tick()
        made = await work.attio.records("ships").create({"name": "Alpha", "stage": "Lead"})
        work.tick()
        await work.attio.records("ships").update(made, {"stage": "Won"})
        created, changed = await work.sweep(**options)
        assert created.record["stage"] == "Lead"
        assert told([changed]) == [("ships", made.id, "stage", "Lead", "Won")]
        assert await work.sweep(**options) == []

    async def test_a_change_whose_time_cannot_be_read_is_told_without_it(self, work: Workspace) -> None:
        options: dict[str, Any] = {"history": ["ships.stage"]}
        ship = work.ship(name="Alpha", stage="Lead")
        await work.sweep(**options)
        work.tick()
        await work.attio.records("ships").update(ship, {"stage": "Won"})

        async def odd(request: Request, send: Any) -> Response:
            response: Response = await send(request)
            if not request.path.endswith("/values"):
                return response
            body = response.body.replace(b"2026-", b"soon-")
            return Response(status=response.status, headers=response.headers, body=body)

        work.attio = work.attio.with_options(middleware=[odd])
        found = await work.sweep(**options)
        assert found
        assert {change.at for change in found} == {None}
        assert found[-1].after == "Won"
        assert await work.sweep(**options) == []

    async def test_an_attribute_without_a_history_is_an_error(self, work: Workspace) -> None:
        seed = work.fake.seed
        seed.add_record("people", {"name": "Doe, Jane"})
        async with work.attio.feed(
            work.file, objects=["people"], history=["people.last_interaction"]
        ) as feed:
            with pytest.raises(BadRequest):
                await anext(feed)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestEverythingElse:
    async def test_notes_tasks_and_comments_are_followed_by_listing(self, work: Workspace) -> None:
        ship, attio = work.ship(name="Alpha"), work.attio
        entry = work.fake.seed.add_entry("fleet", ship, {"tier": "A"})["id"]["entry_id"]
        author = work.fake.seed.add_member("jane@example.com", "Jane", "Doe")
        options: dict[str, Any] = {"lists": ["fleet"], "also": ["notes", "tasks", "comments"]}
        place = RecordRef("ships", ship)
        note = await attio.notes.create(place, title="Hello", content="World")
        task = await attio.tasks.create("Call", linked_records=[place])
        comment = await attio.comments.create("Yes", author=author, record=place)
        reply = await attio.comments.create("No", author=author, thread=comment.thread_id)
        other = await attio.comments.create("So", author=author, entry={"list": "fleet", "entry_id": entry})
        found = await work.sweep(**options)
        assert [(change.object, change.record_id) for change in found] == [
            ("ships", ship),
            ("fleet", entry),
            ("notes", note.id.note_id),
            ("tasks", task.id.task_id),
            *(("comments", each.id.comment_id) for each in (comment, reply, other)),
        ]
        assert found[2].record.content_plaintext == "World"
        assert found[2].actor.type == "api-token"
        assert found[4].record == comment
        assert found[4].at == comment.created_at
        assert await work.sweep(**options) == []
        await attio.notes.update(note, title="Hi")
        await attio.tasks.update(task, assignees=["jane@example.com"])
        await attio.comments.delete(other)
        changed = await work.sweep(**options)
        assert [(each.object, getattr(each, "attribute", None)) for each in changed] == [
            ("notes", "title"),
            ("tasks", "assignees"),
            ("comments", None),
        ]
        assert (changed[0].before, changed[0].after) == ("Hello", "Hi")
        assert (changed[1].before, len(changed[1].after)) == ([], 1)
        assert changed[2].record.content_plaintext == "So"
        assert changed[2].to_dict(mode="json")["values"]["content_plaintext"] == "So"

    async def test_their_events_are_followed(self, work: Workspace) -> None:
        ship, attio = work.ship(name="Alpha"), work.attio
        author = work.fake.seed.add_member("jane@example.com", "Jane", "Doe")
        place = RecordRef("ships", ship)
        options: dict[str, Any] = {"also": ["notes", "tasks", "comments"], "lists": ["fleet"]}
        await work.sweep(**options)
        async with work.feed(receiver=work.receiver, sweep_every=3600, **options) as feed:
            work.log.clear()
            note = await attio.notes.create(place, title="Hello", content="World")
            await attio.tasks.create("Call")
            comment = await attio.comments.create("Yes", author=author, record=place)
            entry = await attio.entries("fleet").create(place, {"tier": "A"})
            elsewhere = await attio.companies.create({"name": "Acme"})
            await attio.comments.create("Not of the feed", author=author, record=elsewhere)
            await work.deliver(*work.log)
            found = await some(feed, 4)
            assert {change.object for change in found} == {"notes", "tasks", "comments", "fleet"}
            await attio.notes.delete(note)
            await attio.comments.delete(comment)
            await attio.entries("fleet").update(entry, {"tier": "B"})
            await work.deliver(*work.log)
            found = await some(feed, 3)
            assert {(change.object, type(change)) for change in found} == {
                ("notes", Deleted),
                ("comments", Deleted),
                ("fleet", Changed),
            }
        assert await work.sweep(**options) == []

    async def test_an_entry_whose_record_was_merged_has_another_parent(self, work: Workspace) -> None:
        first, second = work.ship(name="Alpha"), work.ship(name="Beta")
        work.fake.seed.add_entry("fleet", first, {"tier": "A"})
        options: dict[str, Any] = {"objects": (), "lists": ["fleet"]}
        await work.sweep(**options)
        new = await work.attio.records("ships").merge(first, second)
        (change,) = await work.sweep(**options)
        assert (change.attribute, change.before.record_id, change.after.record_id) == (
            "parent_record",
            first,
            new.id,
        )


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
class TestOptions:
    async def test_a_source_may_be_added_later_and_left_out_for_a_while(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha")
        entry = work.fake.seed.add_entry("fleet", ship, {})["id"]["entry_id"]
        assert told(await work.sweep()) == [("created", ship)]
        assert told(await work.sweep(lists=["fleet"])) == [("created", entry)]
        assert await work.sweep(objects=(), lists=["fleet"]) == []
        assert await work.sweep(lists=["fleet"]) == []

    async def test_it_may_be_iterated_without_a_context_manager(self, work: Workspace) -> None:
        ship = work.ship(name="Alpha")
        feed = work.feed()
        async for change in feed:
            assert change.record_id == ship
            await change.ack()
        await feed.aclose()
        assert await work.sweep() == []
        with pytest.raises(ConfigurationError, match="the feed is not open"):
            await change.ack()

    async def test_wrong_options_are_rejected(self, work: Workspace) -> None:
        for options, message in [
            ({"objects": ()}, "a feed needs something to follow"),
            ({"objects": (), "also": ["comments"]}, "comments are found on the records and entries"),
            ({"also": ["nodes"]}, "also must be one of notes, tasks, comments"),
            ({"history": ["stage"]}, "write an object or list of the feed, a dot and an attribute"),
            ({"history": ["deals.stage"]}, "write an object or list of the feed, a dot and an attribute"),
            ({"sweep_every": 0}, "sweep_every must be at least"),
        ]:
            with pytest.raises(ConfigurationError, match=message):
                work.feed(**options)

    async def test_a_file_of_another_format_is_refused(self, work: Workspace) -> None:
        await work.sweep()
        connection = sqlite3.connect(work.file)
        connection.execute("PRAGMA user_version = 9")
        connection.close()
        with pytest.raises(ConfigurationError, match=r"has the format 9, and this version .* reads 1"):
            await work.sweep()
