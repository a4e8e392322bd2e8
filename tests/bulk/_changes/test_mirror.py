"""A mirror that follows the changes is equal to the workspace, whatever happened between the sweeps."""

import gc
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import attio_async.bulk._changes.feed as feed_module
import attio_async.bulk._changes.sources as sources_module
from attio_async import Attio
from attio_async.bulk import Changed, Created, Deleted
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


WATCHED = ("name", "domains", "description", "categories", "foundation_date")


async def edit_something(attio: Attio, fake: FakeAttio, chance: random.Random) -> None:
    fake.clock.advance(chance.random())
    there = [record["id"]["record_id"] for record in fake.records("companies")]
    kind = chance.choice(["create", "update", "overwrite", "clear", "delete"]) if there else "create"
    which = chance.choice(there) if there else ""
    if kind == "create":
        await attio.companies.create({"name": f"Firm {chance.random()}"})
    elif kind == "update":
        await attio.companies.update(which, {"domains": [f"d{chance.randrange(10**9)}.example.com"]})
    elif kind == "overwrite":
        values = {
            "categories": chance.sample(["Mobile", "B2B", "SAAS"], 2),
            "description": chance.choice("abc"),
        }
        await attio.companies.update(which, values, multiselect="overwrite")
    elif kind == "clear":
        await attio.companies.edit(which, clear=[chance.choice(WATCHED[1:])])
    else:
        await attio.companies.delete(which)


def plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 4))])
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_mirror_equals_the_workspace_after_each_sweep(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources_module, "MAX_PAGE_SIZE", 5)
    chance, fake = random.Random(seed), FakeAttio(clock=VirtualClock())
    mirror: dict[str, dict[str, Any]] = {}
    async with fake.client() as attio:
        for _ in range(6):
            for _ in range(chance.randrange(25)):
                await edit_something(attio, fake, chance)
            async with attio.feed(tmp_path / "firms.db", objects={"companies": WATCHED}) as feed:
                async for change in feed:
                    match change:
                        case Created(record=record):
                            assert change.record_id not in mirror
                            mirror[change.record_id] = {slug: plain(record[slug]) for slug in WATCHED}
                        case Changed(attribute=attribute, before=before, after=after):
                            assert mirror[change.record_id][attribute] == plain(before)
                            mirror[change.record_id][attribute] = plain(after)
                        case Deleted():
                            del mirror[change.record_id]
                    await change.ack()
            now = {
                record.id: {slug: plain(record[slug]) for slug in WATCHED}
                async for record in attio.companies.query()
            }
            assert mirror == now


@pytest.mark.full
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_memory_does_not_grow_with_the_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_module, "MAX_PAGE_SIZE", 25)
    monkeypatch.setattr(feed_module, "_CHANGES_PER_READ", 25)

    async def peak(count: int) -> int:
        fake = FakeAttio(clock=VirtualClock())
        for number in range(count):
            fake.clock.advance(1)
            fake.seed.add_record("companies", {"name": f"Firm {number}", "description": "x" * 3000})
        async with (
            fake.client() as attio,
            attio.feed(tmp_path / f"{count}.db", objects=["companies"], parallel=2) as changes,
        ):
            tracemalloc.start()
            async for change in changes:
                await changes.ack_through(change)
                if change.place % 25 == 0:
                    gc.collect()  # responses of the HTTP library are cycles
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    await peak(10)  # what is loaded once
    # The texts of 300 more records have 900,000 characters; when responses are collected makes a difference of a quarter.
    assert await peak(400) < 1.5 * await peak(100)
