"""Records and entries through models, on the fake."""

import copy
import json
import pickle
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from attio_async import Attio, ConfigurationError, Record, models
from attio_async._records.models import decode_one
from attio_async.bulk import Row
from attio_async.models import Company, Deal
from attio_async.query import asc
from attio_async.testing import FakeAttio
from attio_async.webhooks import RecordUpdated, WebhookReceiver, sign

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


class Sale(models.EntryModel, slug="sales"):
    """An entry of a list."""

    __slots__ = ()

    class Stage(models.OpenEnum):
        NEW = "New"

    @classmethod
    def __bind__(cls, binding: models.Binding) -> models.ModelEntries[Any, Any]:
        return models.ModelEntries(cls, binding)

    parent_record = models.parent(lambda: Deal)
    stage = models.One(models.status(Stage), "stage")
    amount = models.One(models.NUMBER, "amount")


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    company = fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    ref = {"target_object": "companies", "target_record_id": company["id"]["record_id"]}
    for name, value, stage, linked in (("Big", 900, "Won 🎉", [ref]), ("Small", 100, "Lead", [])):
        values = {"name": name, "value": value, "stage": stage, "owner": "jane@example.com"}
        fake.seed.add_record("deals", {**values, "associated_company": linked})
    fake.seed.add_list("sales", "Sales", parent="deals")
    fake.seed.add_attribute("sales", "amount", "number")
    return fake


@pytest.fixture
async def attio(fake: FakeAttio) -> AsyncIterator[Attio]:
    async with fake.client() as attio:
        yield attio


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_records_are_read_as_models(attio: Attio) -> None:
    wanted = (
        (Deal.value > 500)
        & (Deal.stage == Deal.Stage.WON)
        & (Deal.associated_company.domains == "acme.example.com")
    )
    (deal,) = await attio.of(Deal).query(wanted)
    assert type(deal) is Deal
    assert (deal.name, deal.value, deal.stage) == ("Big", Decimal(900), Deal.Stage.WON)
    assert deal.stage is Deal.Stage.WON
    assert isinstance(deal.created_at, datetime)
    assert deal.record_id == deal.id
    assert deal.owner is not None
    assert deal["value"] == deal.value
    company = await attio.of(Company).get(deal.associated_company)
    assert type(company) is Company
    assert company.domains == ["acme.example.com"]
    assert company.categories == []
    assert company.description is None
    assert [each.name async for each in attio.of(Deal).scan()] == ["Big", "Small"]
    found = await attio.of(Deal).get_many([deal])
    assert type(found[0]) is Deal
    values = await attio.of(Deal).history(deal, Deal.stage)
    assert [each.native for each in values] == ["Won 🎉"]


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_records_are_written_through_models(attio: Attio) -> None:
    deals = attio.of(Deal)
    company = await attio.of(Company).upsert(
        {"domains": "new.example.com", "categories": [Company.Categories.SAAS]}, match="domains"
    )
    assert company.categories == [Company.Categories.SAAS]
    deal = await deals.create(name="Rollout", stage=Deal.Stage.LEAD, owner="jane@example.com")
    assert (deal.name, deal.stage) == ("Rollout", Deal.Stage.LEAD)
    other = await deals.create(
        {"name": "Second", "stage": Deal.Stage.LEAD, "owner": "jane@example.com", "value": 5}
    )
    assert other.value == 5
    deal = await deals.update(deal, {"stage": Deal.Stage.WON, "associated_company": company})
    assert deal.stage is Deal.Stage.WON
    assert deal.associated_company is not None
    assert deal.associated_company.record_id == company.id
    deal = await deals.edit(deal, set={"value": Decimal("7.5")}, clear=["associated_company"])
    assert (deal.value, deal.associated_company) == (Decimal("7.5"), None)
    report = await attio.of(Company).upsert_many(
        [{"domains": ["new.example.com"], "name": "New"}, {"domains": ["b.example.com"]}], match="domains"
    )
    assert (report.created, report.updated) == (1, 1)
    await deals.delete(other)
    assert await deals.first(Deal.name == "Second") is None


async def test_many_rows_are_pairs_where_they_are_about_something(attio: Attio) -> None:
    small, big = await attio.of(Deal).query(sorts=asc(Deal.value))
    job = attio.of(Deal).update_many([(big, {"value": 7}), (small.id, {"stage": Deal.Stage.LOST})])
    assert (await job.plan()).update == 2  # a list is read again when the job runs
    assert (await job).updated == 2
    assert [each.value for each in await attio.of(Deal).get_many([big])] == [7]
    report = await attio.of(Sale).create_many([(big, {"amount": 1}), Row({"amount": 2}, parent=small)])
    assert report.created == 2
    report = await attio.of(Sale).upsert_many([(big, {"amount": 1}), (small, {"amount": 3})])
    assert (report.unchanged, report.updated) == (1, 1)
    with pytest.raises(ConfigurationError, match="rows must be a list"):
        attio.of(Deal).update_many({"value": 7})


async def test_a_value_given_twice_is_rejected(attio: Attio) -> None:
    with pytest.raises(ConfigurationError, match="name is given twice"):
        await attio.of(Deal).create({"name": "a"}, name="b")


async def test_one_name_in_place_of_several_is_rejected(attio: Attio) -> None:
    with pytest.raises(ConfigurationError, match="clear must be a list"):
        await attio.of(Deal).edit("id", clear="value")


async def test_entries_lead_to_their_records(attio: Attio) -> None:
    deal = await attio.of(Deal).first(Deal.name == "Big")
    sales = attio.of(Sale)
    entry = await sales.upsert(deal, {"amount": 5})
    assert entry.amount == 5
    assert entry.parent_record == entry.parent
    (found,) = await sales.query((Sale.parent_record.value > 500) & (Sale.amount == 5))
    assert found.entry_id == entry.id
    (found,) = await sales.query(Sale.parent_record == deal)
    assert found.id == entry.id
    assert (await attio.of(Deal).get(found.parent_record)).name == "Big"


async def test_a_title_that_is_new_becomes_a_member(fake: FakeAttio, attio: Attio) -> None:
    fake.seed.add_option("deals", "stage", "Contract sent")
    deal = await attio.of(Deal).create(name="x", stage=Deal.Stage("Contract sent"), owner="jane@example.com")
    assert deal.stage == "Contract sent" == Deal.Stage("Contract sent")
    assert isinstance(deal.stage, Deal.Stage)
    assert hash(deal.stage) == hash("Contract sent")
    assert deal.stage not in list(Deal.Stage)
    assert await attio.of(Deal).first(Deal.stage == Deal.Stage("Contract sent")) is not None


def test_members_are_their_titles() -> None:
    assert json.dumps(Deal.Stage.WON) == json.dumps("Won 🎉")
    for member in (Deal.Stage.WON, Deal.Stage("unheard of")):
        assert pickle.loads(pickle.dumps(member)) == member
        assert copy.deepcopy(member) == member
    assert pickle.loads(pickle.dumps(Deal.Stage.WON)) is Deal.Stage.WON

    class Empty(models.OpenEnum):
        """No options yet."""

    assert Empty("x") == "x"
    assert isinstance(Empty("x"), Empty)
    with pytest.raises(ValueError, match="5"):
        Deal.Stage(5)


async def test_a_record_becomes_a_model(attio: Attio) -> None:
    record = await attio.deals.first({"name": "Big"})
    deal = Deal.from_record(record)
    assert (type(deal), deal.name) == (Deal, "Big")
    assert deal.to_dict() == record.to_dict()


async def test_a_webhook_is_hydrated_to_a_model(fake: FakeAttio, attio: Attio) -> None:
    receiver = WebhookReceiver(secret="s" * 32, attio=attio)
    seen: list[Deal | None] = []

    @receiver.on(RecordUpdated, object="deals", hydrate=True)
    async def handle(event: RecordUpdated) -> None:
        seen.append(event.record_as(Deal))

    (deal, _) = fake.records("deals")
    events = [{"event_type": "record.updated", "id": {**deal["id"], "attribute_id": "a"}}]
    body = json.dumps({"webhook_id": "w", "events": events}).encode()
    headers = {
        "attio-signature": sign(body, "s" * 32),
        "content-type": "application/json",
        "idempotency-key": "1",
    }
    assert (await receiver.receive(headers, body)).status == 202
    await receiver.drain()
    assert [(type(each), each.name) for each in seen if each] == [(Deal, "Big")]
    assert RecordUpdated(event_type="record.updated").record_as(Deal) is None


async def test_attributes_of_models_cannot_be_set(attio: Attio) -> None:
    deal = await attio.of(Deal).first()
    with pytest.raises(AttributeError, match=r"attio.of\(Deal\).update"):
        deal.name = "x"


async def test_a_value_of_another_type_reads_as_none(fake: FakeAttio, attio: Attio) -> None:
    class Odd(models.RecordModel, slug="deals"):
        __slots__ = ()
        name = models.One(models.NUMBER, "name")
        owner = models.Many(models.CHECKBOX, "owner")
        stage = models.One(models.CURRENCY, "stage")
        value = models.One(models.select(Deal.Stage), "value")
        missing = models.One(models.TEXT, "missing")
        all_missing = models.Many(models.TEXT, "all_missing")

        @classmethod
        def __bind__(cls, binding):
            return models.ModelRecords(cls, binding)

    deal = await attio.of(Odd).first()
    assert (deal.name, deal.owner, deal.stage, deal.value) == (None, [], None, None)
    assert (deal.missing, deal.all_missing) == (None, [])
    assert deal["name"] in {"Big", "Small"}


def test_a_value_whose_class_derives_from_that_of_the_type_is_of_another_type() -> None:
    class Odd(models.RecordModel, slug="things"):
        __slots__ = ()
        score = models.One(models.NUMBER, "flag")
        scores = models.Many(models.RATING, "flag")
        flag = models.One(models.CHECKBOX, "flag")
        day = models.One(models.DATE, "moment")
        moment = models.One(models.TIMESTAMP, "moment")
        newer = models.One(models.other("newer"), "flag")

    values = {
        "flag": [{"attribute_type": "checkbox", "value": True}],
        "moment": [{"attribute_type": "timestamp", "value": "2024-01-31T00:00:00Z"}],
    }
    body = json.dumps({"data": {"id": {"record_id": "r"}, "values": values}}).encode()
    odd = decode_one(body, Odd, None)
    assert (odd.score, odd.scores, odd.day) == (None, [], None)
    assert (odd.flag, odd.newer, odd.moment) == (True, True, datetime(2024, 1, 31, tzinfo=UTC))


async def test_slugs_and_titles_are_held_by_id(fake: FakeAttio, attio: Attio) -> None:
    fake.seed.add_attribute("deals", "score", "number")
    known = (await attio.schema("deals", options=True)).attributes
    won = next(option for option in known["stage"].options if option.title == "Won 🎉")

    class Held(models.RecordModel, slug="deals"):
        __slots__ = ()

        class Stage(models.OpenEnum):
            WON = "Won 🎉", won.id

        stage = models.One(models.status(Stage), "stage", id=known["stage"].id)
        score = models.One(models.NUMBER, "score", id=known["score"].id)

        @classmethod
        def __bind__(cls, binding):
            return models.ModelRecords(cls, binding)

    await attio.attributes("deals").update("score", api_slug="points")
    await attio.attributes("deals").statuses("stage").update(won.id, title="Closed")
    held = attio.of(Held)
    deal = await held.first(Held.stage == Held.Stage.WON)
    assert deal.stage is Held.Stage.WON
    assert deal["stage"] == "Closed"
    deal = await held.update(deal, {"score": 7, "stage": Held.Stage.WON})
    assert (deal.score, deal.stage, deal["points"]) == (7, Held.Stage.WON, 7)
    assert (await held.first(Held.score > 5)).id == deal.id
    deal = await held.edit(deal, set={"score": 8})
    assert deal.score == 8
    rows = [{"name": "n", "score": 5, "stage": Held.Stage.WON, "owner": "jane@example.com"}]
    assert (await held.create_many(rows)).created == 1
    assert (await held.first(Held.score < 6))["name"] == "n"


async def test_of_takes_models_alone(attio: Attio) -> None:
    for wrong in (Record, "deals", models.RecordModel, Deal.associated_company):
        with pytest.raises(ConfigurationError, match="is not a model"):
            attio.of(wrong)


def test_a_record_without_a_schema_is_read_all_the_same(fake: FakeAttio) -> None:
    (first, _) = fake.records("deals")
    deal = decode_one(json.dumps({"data": first}).encode(), Deal)
    assert (deal.name, deal.value, deal.stage) == ("Big", Decimal(900), Deal.Stage.WON)
    assert deal.associated_company is not None


def test_the_standard_models_are_what_the_script_writes() -> None:
    import sys

    sys.path.insert(0, str(ROOT / "scripts"))
    import standard_models

    assert standard_models.standard_models() == standard_models.TARGET.read_text(encoding="utf-8")
