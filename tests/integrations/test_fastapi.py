"""FastAPI routes return results, with a response model and without."""

from typing import Any

import httpx
import pytest
from tests.integrations.support import workspace

from attio_async import AttioError, Page, Record, Results, Task
from attio_async.bulk import BulkReport

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # FastAPI needs it


async def answers(**routes: Any) -> dict[str, Any]:
    """Return the JSON that each route answers with, and the description of all routes."""
    from fastapi import FastAPI  # takes a quarter of a second, and every process collects these tests

    app = FastAPI()
    for name, route in routes.items():
        app.get(f"/{name}")(route)
    transport = httpx.ASGITransport(app)
    found: dict[str, Any] = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for name in (*routes, "openapi.json"):
            answer = await client.get(f"/{name}")
            found[name] = answer.json()
    return found


async def test_with_a_response_model() -> None:
    from pydantic import BaseModel

    async with workspace() as (attio, person, task):

        async def record() -> Record:
            return person

        async def maybe() -> Record | None:
            return await attio.people.first()

        async def one_task() -> Task:
            return task

        async def page() -> Page[Record]:
            return await attio.people.query().page()

        async def results() -> Results[Record]:
            return await attio.people.query()

        async def tasks() -> list[Task]:
            return await attio.tasks.list()

        async def report() -> BulkReport:
            return await attio.people.create_many([{"name": "New"}])

        class Card(BaseModel):
            person: Record
            tasks: list[Task]

        async def card() -> Card:
            return Card(person=person, tasks=[task])

        found = await answers(
            record=record,
            maybe=maybe,
            one_task=one_task,
            page=page,
            results=results,
            tasks=tasks,
            card=card,
            report=report,
        )
        data = person.to_dict(mode="json")
        assert found["record"] == found["maybe"] == data
        assert found["one_task"] == task.to_dict(mode="json")
        assert found["page"]["items"] == found["results"] == [data]
        assert found["tasks"] == [task.to_dict(mode="json")]
        assert found["card"] == {"person": data, "tasks": [task.to_dict(mode="json")]}
        assert found["report"]["created"] == 1
        described = found["openapi.json"]["paths"]["/record"]["get"]["responses"]["200"]
        assert described["content"]["application/json"]["schema"]["type"] == "object"


async def test_without_a_response_model() -> None:
    async with workspace() as (attio, person, task):

        async def record():
            return person

        async def records():
            return await attio.people.query()

        async def one_task():
            return task

        async def page():
            return await attio.people.query().page()

        async def value():
            return {"name": person["name"], "company": person["company"]}

        found = await answers(record=record, records=records, one_task=one_task, page=page, value=value)
        assert found["one_task"] == task.to_dict(mode="json")
        assert found["page"]["items"] == [person.to_dict(mode="json")]
        # FastAPI takes a mapping for what it is, so a record is its values.
        assert found["record"]["record_id"] == person.id
        assert found["record"]["name"] == {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "full_name": "Ada Lovelace",
        }
        assert found["records"] == [found["record"]]
        assert found["value"]["company"]["target_object"] == "companies"


async def test_errors_are_details() -> None:
    from fastapi import HTTPException

    async with workspace() as (attio, _, _):

        async def missing() -> Record:
            try:
                return await attio.people.get("00000000-0000-4000-8000-000000000000")
            except AttioError as error:
                raise HTTPException(404, error.to_dict(mode="json")) from error

        found = await answers(missing=missing)
        assert found["missing"]["detail"]["code"] == "not_found"
