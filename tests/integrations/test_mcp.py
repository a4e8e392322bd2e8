"""Tools of an MCP server return results, and errors that a model can act on."""

import json
from typing import Any

import pytest
from tests.integrations.support import workspace

from attio_async import AttioError, Page, Record, Task
from attio_async.models import Person

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def called(tool: Any) -> tuple[list[Any], Any]:
    """Return what a model gets from a tool: the JSON of its texts, and the structured content."""
    from mcp.server.mcpserver import MCPServer  # takes half a second, and every process collects these tests

    server = MCPServer("crm")
    server.tool()(tool)
    result: Any = await server.call_tool(tool.__name__, {})
    return [json.loads(part.text) for part in result.content], result.structured_content


async def test_tools_return_results() -> None:
    async with workspace() as (attio, person, task):
        data, done = person.to_dict(mode="json"), task.to_dict(mode="json")

        async def record() -> Record:
            return person

        async def maybe() -> Record | None:
            return person

        async def records() -> list[Record]:
            return list(await attio.people.query())

        async def one_task() -> Task:
            return task

        async def tasks() -> list[Task]:
            return list(await attio.tasks.list())

        async def page() -> Page[Record]:
            return await attio.people.query().page()

        async def untold():
            return person

        async def untold_page():
            return await attio.people.query().page()

        assert await called(record) == ([data], None)
        assert await called(untold) == ([data], None)
        assert await called(maybe) == ([data], {"result": data})
        assert await called(records) == ([data], {"result": [data]})
        assert await called(one_task) == ([done], None)
        assert await called(tasks) == ([done], {"result": [done]})
        texts, structured = await called(page)
        assert texts[0]["items"] == structured["result"]["items"] == [data]
        assert (await called(untold_page))[0][0]["items"] == [data]


async def test_tools_return_records_as_models() -> None:
    async with workspace() as (attio, person, _):
        data = person.to_dict(mode="json")

        async def one() -> Person:
            return Person.from_record(person)

        async def several() -> list[Person]:
            return list(await attio.of(Person).query())

        assert await called(one) == ([data], None)
        assert await called(several) == ([data], {"result": [data]})


async def test_a_model_can_act_on_errors() -> None:
    async with workspace() as (attio, _, _):

        async def find_company() -> dict[str, Any]:
            try:
                record = await attio.companies.create({"nmae": "Acme"})
            except AttioError as error:
                return error.to_dict(mode="json")
            return record.to_dict(mode="json")

        texts, structured = await called(find_company)
        assert texts == [structured]
        assert structured["problems"][0]["slug"] == "nmae"
        assert "name" in structured["problems"][0]["hint"]
