"""Models for type checkers. Never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from datetime import date, datetime
from decimal import Decimal
from typing import assert_type

from attio_async import (
    ActorRef,
    Attio,
    BulkReport,
    F,
    Filter,
    Interaction,
    Location,
    Page,
    PersonName,
    Record,
    RecordRef,
)
from attio_async.models import (
    ChoiceField,
    Company,
    Deal,
    DealRecords,
    DomainField,
    NumberField,
    Person,
    User,
    Workspace,
)
from attio_async.query import asc, desc
from attio_async.webhooks import RecordUpdated


async def reading(attio: Attio) -> None:
    assert_type(attio.of(Deal), DealRecords)
    wanted = (
        (Deal.value > 500)
        & (Deal.stage == Deal.Stage.WON)
        & (Deal.associated_company.domains == "acme.example.com")
    )
    assert_type(wanted, Filter)
    async for deal in attio.of(Deal).query(
        wanted, sorts=[desc(Deal.value), asc(Deal.associated_company.name)]
    ):
        assert_type(deal, Deal)
        assert_type(deal.name, str | None)
        assert_type(deal.value, Decimal | None)
        assert_type(deal.owner, ActorRef | None)
        assert_type(deal.stage, Deal.Stage | None)
        assert_type(deal.associated_company, RecordRef | None)
        assert_type(deal.associated_people, list[RecordRef])
        assert_type(deal.created_at, datetime | None)
        assert_type(deal.record_id, str)
        is_record: Record = deal
        assert is_record
    assert_type(await attio.of(Person).first(), Person | None)
    assert_type(await attio.of(Person).query().page(), Page[Person])
    assert_type([each async for each in attio.of(Company).scan()], list[Company])


def hydrated(event: RecordUpdated) -> None:
    assert_type(event.record_as(Deal), Deal | None)


async def values(person: Person, company: Company) -> None:
    assert_type(person.name, PersonName | None)
    assert_type(person.email_addresses, list[str])
    assert_type(person.primary_location, Location | None)
    assert_type(person.last_interaction, Interaction | None)
    assert_type(person.twitter_follower_count, int | float | None)
    assert_type(company.categories, list[Company.Categories])
    assert_type(company.foundation_date, date | None)


def fields(company: Company, moment: datetime) -> None:
    assert_type(Deal.value, NumberField)
    assert_type(Deal.stage, ChoiceField[Deal.Stage])
    assert_type(Company.domains, DomainField)
    assert_type(Deal.associated_company, type[Company])
    takes(Deal.value.between(5, Decimal(10)))
    takes(Deal.created_at >= moment)
    takes(Deal.record_id.in_(["a", "b"]))
    takes(Deal.associated_company == company)
    takes(Deal.associated_company.in_(company, RecordRef("companies", "id")))
    takes(Deal.associated_people.name.last_name.not_empty())
    takes(Deal.stage.active_from >= moment)
    takes(Deal.stage.in_(Deal.Stage.LEAD, Deal.Stage("Contract sent")))
    takes(Deal.owner == "jane@example.com")
    takes((Deal.name == "x") | (F.custom == 1) & {"name": "x"})
    takes(~(Person.last_interaction.interacted_at > moment))


async def writing(attio: Attio, company: Company, deal: Deal) -> None:
    deals = attio.of(Deal)
    assert_type(await deals.create(name="Rollout", stage=Deal.Stage.LEAD, owner="jane@example.com"), Deal)
    assert_type(
        await deals.create(
            {"name": "Rollout", "stage": Deal.Stage.LEAD, "owner": "jane@example.com", "value": 5}
        ),
        Deal,
    )
    await deals.update(deal, {"stage": Deal.Stage.WON, "associated_company": company})
    await deals.edit(deal, set={"value": Decimal("5.5")}, add={"associated_people": ["id"]}, clear=["value"])
    await attio.of(Company).upsert(
        {"domains": "acme.example.com", "categories": [Company.Categories.SAAS]}, match="domains"
    )
    assert_type(
        await attio.of(Company).upsert_many([{"domains": ["a.example.com"], "name": "A"}], match="domains"),
        BulkReport,
    )
    assert_type(await attio.of(Deal).update_many([(deal, {"value": 900}), ("id", {"name": "x"})]), BulkReport)
    await attio.of(User).create(primary_email_address="a@example.com", user_id="1")
    await attio.of(Workspace).create(workspace_id="1")


async def wrong_names(attio: Attio, deal: Deal) -> None:
    Deal.nmae  # type: ignore[attr-defined]  # noqa: B018
    Deal.associated_company.nmae  # type: ignore[attr-defined]  # noqa: B018
    Deal.Stage.NOPE  # type: ignore[attr-defined]  # noqa: B018
    deal.nmae  # type: ignore[attr-defined]  # noqa: B018
    await attio.of(Deal).update(deal, {"nmae": "x"})  # type: ignore[typeddict-unknown-key]
    attio.of(Deal).update_many([(deal, {"nmae": "x"})])  # type: ignore[typeddict-unknown-key]
    attio.of(Deal).create_many([{"nmae": "x"}])  # type: ignore[list-item]
    await attio.of(Deal).create({"nmae": "x"})  # type: ignore[call-overload]
    attio.of(Record)  # type: ignore[arg-type]


async def wrong_values(attio: Attio, deal: Deal) -> None:
    await attio.of(Deal).create(name="Rollout", owner="jane@example.com")  # type: ignore[call-overload]
    await attio.of(Deal).create(name="Rollout", stage="Laed", owner="jane@example.com")  # type: ignore[call-overload]
    await attio.of(Deal).update(deal, {"value": [1]})  # type: ignore[typeddict-item]
    deal.value = Decimal(5)  # type: ignore[misc]


def wrong_operators(moment: datetime) -> None:
    _ = Deal.name > "x"  # type: ignore[operator]
    Deal.value.contains("x")  # type: ignore[attr-defined]
    Deal.stage.starts_with("x")  # type: ignore[attr-defined]
    Deal.value.not_empty()  # type: ignore[attr-defined]
    _ = Deal.owner < "x"  # type: ignore[operator]
    takes(Person.last_interaction == moment)  # type: ignore[arg-type]


def wrong_operands() -> None:
    takes(Deal.value == "much")  # type: ignore[arg-type]
    takes(Deal.stage == "Won")  # type: ignore[arg-type]
    takes(Deal.stage == Company.Categories.MOBILE)  # type: ignore[arg-type]
    takes(Deal.associated_company == 5)  # type: ignore[arg-type]
    takes((Deal.value == "much") & (Deal.value > 5))  # type: ignore[operator]
    Deal.value.between("a", "b")  # type: ignore[arg-type]


def takes(filter: Filter) -> None:
    """Take what every query takes."""
    assert filter is not None
