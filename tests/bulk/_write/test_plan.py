"""Plans say what a job would do, and write nothing."""

from typing import Any

import pytest
from tests.bulk.support import companies, fast

from attio_async.errors import ConfigurationError

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
