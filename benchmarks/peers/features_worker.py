"""One client doing one task. Runs in the environment of `requirements.txt`, or in this project's for attio-async."""

# ruff: noqa: PLC0415 - each process has only one client

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

CLIENT, URL, TASK = sys.argv[1:4]
TOKEN = "test-token"
CREATES = 60
Work = Callable[[], Awaitable[Any]]


async def main() -> None:
    """Do the task, and print its result."""
    tasks = await CLIENTS[CLIENT]()
    if TASK != "loop":
        print(await tasks[TASK]())
        return
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.05)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await tasks["read"]()
    ticking.cancel()
    print("ok" if ticks > 3 else f"{ticks} ticks")


async def ours() -> dict[str, Work]:
    from attio_async import Attio

    attio = Attio(TOKEN, base_url=URL)

    async def everything() -> int:
        return len([person async for person in attio.people.query()])

    async def value() -> str:
        (person,) = await attio.people.query()
        return str(person["job_title"])

    async def read() -> str:
        await attio.people.query()
        return "ok"

    async def creates() -> str:
        async with asyncio.TaskGroup() as group:
            for number in range(CREATES):
                group.create_task(attio.companies.create({"name": f"Company {number}"}))
        return "ok" if not attio.limiter.stats().writes.rate_limited else "429"

    return {"all": everything, "value": value, "read": read, "creates": creates}


async def attio_of_the_index() -> dict[str, Work]:
    from attio import SDK

    records = SDK(oauth2=TOKEN, server_url=URL).records

    async def query() -> Any:
        return (await records.post_v2_objects_object_records_query_async(object="people")).data

    async def everything() -> int:
        return len(await query())

    async def value() -> str:
        (person,) = await query()
        return str(person.values["job_title"])

    async def read() -> str:
        await query()
        return "ok"

    async def creates() -> str:
        create = records.post_v2_objects_object_records_async
        async with asyncio.TaskGroup() as group:
            for number in range(CREATES):
                values = {"name": [f"Company {number}"]}
                group.create_task(create(object="companies", data={"values": values}))
        return "ok"

    return {"all": everything, "value": value, "read": read, "creates": creates}


async def py_attio() -> dict[str, Work]:
    from py_attio import Client

    client = Client(TOKEN)
    client.base_url = f"{URL}/v2"

    async def everything() -> int:
        return len(client.list_records("people", {})["data"])

    async def value() -> str:
        (person,) = client.list_records("people", {})["data"]
        return str(person["values"]["job_title"])

    async def read() -> str:
        client.list_records("people", {})
        return "ok"

    async def creates() -> str:
        async with asyncio.TaskGroup() as group:
            for number in range(CREATES):
                body = {"data": {"values": {"name": [f"Company {number}"]}}}
                group.create_task(asyncio.to_thread(client.create_record, "companies", body))
        return "ok"

    return {"all": everything, "value": value, "read": read, "creates": creates}


async def plain_httpx() -> dict[str, Work]:
    import httpx

    client = httpx.AsyncClient(base_url=URL, headers={"Authorization": f"Bearer {TOKEN}"})

    async def post(path: str, body: Any) -> Any:
        answer = await client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()["data"]

    async def everything() -> int:
        return len(await post("/v2/objects/people/records/query", {}))

    async def value() -> str:
        (person,) = await post("/v2/objects/people/records/query", {})
        return str(person["values"]["job_title"])

    async def read() -> str:
        await post("/v2/objects/people/records/query", {})
        return "ok"

    async def creates() -> str:
        async with asyncio.TaskGroup() as group:
            for number in range(CREATES):
                body = {"data": {"values": {"name": [f"Company {number}"]}}}
                group.create_task(post("/v2/objects/companies/records", body))
        return "ok"

    return {"all": everything, "value": value, "read": read, "creates": creates}


CLIENTS = {"attio-async": ours, "attio": attio_of_the_index, "py-attio": py_attio, "httpx": plain_httpx}

if __name__ == "__main__":
    asyncio.run(main())
