"""Types of feeds: what is followed decides what a change holds."""

from typing import Any, assert_type

from attio_async import Attio, Entry, Record, blocking
from attio_async.bulk import Changed, Created, Deleted, Feed, Item, Merged
from attio_async.values import ActorRef


async def follow_records(attio: Attio) -> None:
    async with attio.feed("people.db", objects=["people"]) as feed:
        assert_type(feed, Feed[Record])
        async for change in feed:
            match change:
                case Created(record=record) | Deleted(record=record):
                    assert_type(record, Record)
                case Changed(attribute=attribute, before=before, actor=actor):
                    assert_type(attribute, str)
                    assert_type(before, Any)
                    assert_type(actor, ActorRef | None)
                case Merged(into=into):
                    assert_type(into, str)
            await change.ack()
        assert_type(await feed.latest(), list[Record | None])


async def follow_others(attio: Attio) -> None:
    assert_type(attio.feed("sales.db", lists={"sales": ["stage"]}), Feed[Entry])
    assert_type(attio.feed("all.db", objects=["people"], also=["notes"], sweep_every=60), Feed[Item])
    assert_type(attio.feed("both.db", objects=["people"], lists=["sales"]), Feed[Item])


def follow_blocking(attio: blocking.Attio) -> None:
    with attio.feed("people.db", objects=["people"]) as feed:
        for change in feed:
            if isinstance(change, blocking.Created):
                assert_type(change.record, Record)
            assert_type(change.ack(), None)
