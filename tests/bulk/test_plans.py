"""All plans are one protocol: a table, a dict, apply, and a block that discards them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from attio_async import Attio, Plan
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio

ROWS = [{"name": "Acme", "domains": "acme.example.com"}]


async def job_plan(attio: Attio) -> Plan[Any]:
    return await attio.companies.upsert_many(ROWS, match="domains").plan()


async def merge_plan(attio: Attio) -> Plan[Any]:
    keep = await attio.companies.create({"name": "Acme"})
    drop = await attio.companies.create({"name": "Acme Inc", "description": "Boots"})
    return await attio.companies.merge_plan(keep, drop)


async def schema_plan(attio: Attio) -> Plan[Any]:
    async with FakeAttio().client() as other:
        await other.attributes("companies").create("Plan", api_slug="plan", type="text")
        return await attio.workspace_schema.plan(await other.workspace_schema.pull())


@pytest.mark.parametrize("make", [job_plan, merge_plan, schema_plan])
async def test_a_plan_is_shown_applied_and_closed(make: Callable[[Attio], Awaitable[Plan[Any]]]) -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        async with await make(attio) as plan:
            assert isinstance(plan, Plan)
            before = len(fake.calls)
            text = await plan.table(limit=50)
            assert text
            assert "more" in await plan.table(limit=0)
            assert plan.to_dict(mode="json") == vars(plan)
            assert len(fake.calls) == before
            await plan.apply()
            assert any(call.method != "GET" for call in list(fake.calls)[before:])
        await plan.aclose()
