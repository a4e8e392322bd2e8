"""Merges: what one would do, and where the ids of merged records lead."""

import logging
from pathlib import Path

import pytest

from attio_async import Attio, ConfigurationError, Merges, NotFound, Record, StorageError
from attio_async.testing import FakeAttio
from attio_async.webhooks import FileSecrets, On, RecordMerged, WebhookReceiver

pytestmark = pytest.mark.anyio


async def two_companies(attio: Attio) -> tuple[Record, Record]:
    keep = {"name": "Acme", "domains": ["acme.example.com", "both.example.com"], "categories": ["SAAS"]}
    drop = {
        "name": "Acme Inc",
        "domains": ["acme.example.org"],
        "categories": ["SAAS"],
        "description": "Boots",
    }
    return await attio.companies.create(keep), await attio.companies.create(drop)


async def test_a_plan_says_what_stays_what_goes_and_what_is_joined() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        keep, drop = await two_companies(attio)
        writes = len(fake.calls)
        plan = await attio.companies.merge_plan(keep, drop.id)
        assert {call.method for call in list(fake.calls)[writes:]} == {"GET"}
        told = {each.slug: (each.stays, each.joined, each.goes) for each in plan.attributes}
        assert told["name"] == (("Acme",), (), ("Acme Inc",))
        assert told["domains"] == (("acme.example.com", "both.example.com"), ("acme.example.org",), ())
        assert told["categories"] == (("SAAS",), (), ())
        assert told["description"] == ((), ("Boots",), ())
        assert [each.slug for each in plan.losses] == ["name"]
        assert "name: Acme stays; Acme Inc goes" in str(plan)
        assert '"joined":["Boots"]' in plan.to_json().replace(" ", "")
        merged = await attio.companies.merge(keep, drop)
        assert merged["name"] == "Acme"
        assert set(merged["domains"]) == {*told["domains"][0], *told["domains"][1]}
        assert merged["description"] == "Boots"


async def test_a_plan_needs_two_records_that_exist() -> None:
    async with FakeAttio().client() as attio:
        ada = await attio.people.create({"name": "Ada Lovelace"})
        with pytest.raises(ConfigurationError, match="with itself"):
            await attio.people.merge_plan(ada, ada)
        with pytest.raises(NotFound):
            await attio.people.merge_plan(ada, "0aab1d11-2b5c-4e3f-9a21-6f0e2f1d7c55")


@pytest.mark.parametrize("in_file", [False, True])
async def test_old_ids_lead_through_all_merges(tmp_path: Path, *, in_file: bool) -> None:
    path = tmp_path / "merges.db" if in_file else None
    async with Merges(path) as merges, FakeAttio().client(merges=merges) as attio:
        first, second, third = [await attio.people.create({"name": name}) for name in ("A B", "C D", "E F")]
        once = await attio.people.merge(first, second)
        twice = await attio.with_options(timeout=5).people.merge(third, once, wait=False)
        followed = [await attio.merges.follow(each) for each in (first, second, third, once, twice)]
        assert set(followed) == {twice.record_id}
    if path is not None:
        async with Merges(path) as merges:
            assert await merges.follow(first.id) == twice.record_id
        assert path.stat().st_mode & 0o077 == 0


async def test_events_of_merges_by_others_feed_the_store(tmp_path: Path) -> None:
    fake = FakeAttio()
    async with fake.client() as attio, fake.client() as other:
        ensured = await attio.webhooks.ensure(
            "https://example.com/hooks", [On("record.merged")], secrets=FileSecrets(tmp_path / "secrets")
        )
        receiver = WebhookReceiver(secret=ensured.secret)

        @receiver.on("record.merged")
        async def on_merge(event: RecordMerged) -> None:
            await attio.merges.add_event(event)

        keep, drop = [await other.people.create({"name": name}) for name in ("A B", "C D")]
        new = await other.people.merge(keep, drop)
        assert await attio.merges.follow(drop) == drop.id
        await fake.webhooks.deliver(receiver.asgi())
        await receiver.drain()
        assert [await attio.merges.follow(each) for each in (keep, drop)] == [new.id, new.id]


async def test_a_circle_of_merges_ends() -> None:
    one, two = "0aab1d11-2b5c-4e3f-9a21-6f0e2f1d7c55", "1aab1d11-2b5c-4e3f-9a21-6f0e2f1d7c55"
    async with Merges() as merges:
        await merges.add(one, two)
        await merges.add(two, one)
        assert {await merges.follow(one), await merges.follow(two)} == {one, two}


async def test_a_merge_that_cannot_be_stored_is_returned(caplog: pytest.LogCaptureFixture) -> None:
    class FullDisk(Merges):
        async def add(self, new: object, *old: object) -> None:
            raise StorageError("merges.db", 28)

    async with FakeAttio().client(merges=FullDisk()) as attio:
        keep, drop = [await attio.people.create({"name": name}) for name in ("A B", "C D")]
        new = await attio.people.merge(keep, drop)
    assert new.id in caplog.records[-1].getMessage()
    assert caplog.records[-1].levelno == logging.ERROR
