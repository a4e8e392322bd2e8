"""Plans say what a job would do, and write nothing."""

from typing import Any

import pytest
from tests.bulk.support import companies, fast

from attio_async.bulk import Guards, Row
from attio_async.errors import ConfigurationError
from attio_async.values import Ref

pytestmark = pytest.mark.anyio


async def test_a_plan_lists_the_writes_and_applies_them() -> None:
    fake, attio = fast()
    await attio.companies.upsert_many(companies(20), match="domains")
    rows: list[dict[str, Any]] = [
        *companies(10),
        {"domains": "c10.example.com", "name": "Another"},
        {"domains": "new.example.com", "name": "New"},
        {"domains": "no domain"},
        {"domains": ["c11.example.com", "c12.example.com"], "name": "Two at once"},
    ]
    before = len([call for call in fake.calls if call.method in {"PUT", "PATCH"}])
    async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
        assert (plan.create, plan.update, plan.unchanged, plan.invalid) == (1, 1, 10, 2)
        planned = [row async for row in plan.rows()]
        assert [row.action for row in planned] == ["update", "create", "invalid", "invalid"]
        assert str(planned[0]) == "row 10: update name: Company 10 -> Another"
        assert "matches 2" in (planned[3].reason or "")
        assert "1 to create, 1 to update, 10 unchanged, 2 invalid" in await plan.table()
        assert len([call for call in fake.calls if call.method in {"PUT", "PATCH"}]) == before
        report = await plan.apply()
    assert (report.created, report.updated, report.unchanged, report.failed) == (1, 1, 10, 2)
    assert len([call for call in fake.calls if call.method == "PUT"]) == before + 2
    assert len(fake.records("companies")) == 21


async def test_a_plan_is_applied_once_and_not_after_it_is_closed() -> None:
    fake, attio = fast()
    jobs: list[Any] = [
        attio.companies.upsert_many(list(companies(2)), match="domains"),
        attio.companies.sync_to(list(companies(2)), match="domains", owned=["name"]),
    ]
    for job in jobs:
        async with await job.plan() as plan:
            await plan.apply()
            with pytest.raises(ConfigurationError, match="the plan was applied already; make a new one"):
                await plan.apply()
        closed = await job.plan()
        await closed.aclose()
        writes = len(fake.calls)
        with pytest.raises(ConfigurationError, match="the plan is closed; make a new one"):
            await closed.apply()
        assert len(fake.calls) == writes


async def test_rows_that_refer_to_missing_records_are_invalid_and_tried_nevertheless() -> None:
    _, attio = fast()
    people = [
        {"email_addresses": "a@example.com", "company": Ref("companies", domains="new.example.com")},
        {"email_addresses": "b@example.com"},
    ]
    async with await attio.people.upsert_many(people, match="email_addresses").plan() as plan:
        assert (plan.create, plan.invalid) == (1, 1)
        invalid, _ = [row async for row in plan.rows()]
        assert str(invalid) == (
            "row 0: invalid refers to what does not exist: companies with 'new.example.com' as domains"
        )
        assert not plan.missing_references[0].may_be_created
        await attio.companies.create({"domains": "new.example.com"})
        report = await plan.apply()
    assert (report.created, report.failed) == (2, 0)
    job = attio.people.upsert_many(
        [{"email_addresses": "c@example.com", "company": Ref("companies", domains="other.example.com")}],
        match="email_addresses",
        guards=Guards(dry_run=True),
    )
    assert (await job).failed == 1


async def test_records_that_the_job_itself_may_create_are_not_missing_for_certain() -> None:
    fake, attio = fast()
    fake.seed.add_attribute("companies", "parent_firm", "record-reference", allowed_objects=["companies"])
    rows = [
        {"domains": "a.example.com"},
        {"domains": "b.example.com", "parent_firm": Ref("companies", domains="a.example.com")},
    ]
    async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
        assert (plan.create, plan.invalid) == (2, 0)
        assert plan.missing_references[0].may_be_created
    await attio.companies.create({"domains": "b.example.com"})
    (b,) = await attio.companies.query()
    row = {"record_id": b.id, "parent_firm": Ref("companies", domains="a.example.com")}
    async with await attio.companies.update_many([row]).plan() as plan:  # which creates none
        assert (plan.update, plan.invalid) == (0, 1)


async def test_a_list_does_not_stand_for_the_object_of_its_name() -> None:
    fake, attio = fast()
    list_id = fake.seed.add_list("companies", parent="people")
    fake.seed.add_attribute(list_id, "firm", "record-reference", allowed_objects=["companies"])
    person = await attio.people.create({"email_addresses": "a@example.com"})
    row = Row({"firm": Ref("companies", domains="a.example.com")}, parent=person)
    async with await attio.entries("companies").create_many([row]).plan() as plan:
        assert (plan.create, plan.invalid) == (0, 1)
