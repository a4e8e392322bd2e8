"""The other Python clients, each used as its documentation shows. Runs in the environment of `requirements.txt`."""

# ruff: noqa: PLC0415 - each process has only one of them

import asyncio
import os
import ssl
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from worker import CONTENT, FIVE, RECORD, SIZE, Task, read_plain, stalls, work

URL = sys.argv[2]
QUERY, ONE = f"{URL}/v2/objects/people/records/query", f"{URL}/v2/objects/people/records/{RECORD}"
HEADERS = {"Authorization": "Bearer x"}
Send = Callable[[str, str, Any], Awaitable[Any]]


def plain_tasks(send: Send) -> dict[str, Task]:
    """Return the tasks of a client that gives plain JSON."""

    async def pages(times: int) -> int:
        for number in range(times):
            answer = await send("POST", QUERY, {"limit": SIZE, "offset": number * SIZE})
            for record in answer["data"]:
                read_plain(record)
        return times * SIZE

    async def get(times: int) -> int:
        for _ in range(times):
            read_plain((await send("GET", ONE, None))["data"])
        return times

    async def put(times: int) -> int:
        for _ in range(times):
            read_plain((await send("PUT", ONE, CONTENT))["data"])
        return times

    return {"pages": pages, "get": get, "put": put, "stalls": lambda times: stalls(pages, times)}


async def httpx_orjson(stack: AsyncExitStack) -> dict[str, Task]:
    import httpx
    import orjson

    client = await stack.enter_async_context(httpx.AsyncClient(headers=HEADERS))

    async def send(method: str, url: str, content: Any) -> Any:
        if content is None:
            answer = await client.request(method, url)
        else:
            headers = {"Content-Type": "application/json"}
            answer = await client.request(method, url, content=orjson.dumps(content), headers=headers)
        answer.raise_for_status()
        return orjson.loads(answer.content)

    return plain_tasks(send)


async def aiohttp_orjson(stack: AsyncExitStack) -> dict[str, Task]:
    import aiohttp
    import orjson

    context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    connector = aiohttp.TCPConnector(ssl=context)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, headers=HEADERS))

    async def send(method: str, url: str, content: Any) -> Any:
        data = None if content is None else orjson.dumps(content)
        headers = {"Content-Type": "application/json"}
        async with session.request(method, url, data=data, headers=headers, raise_for_status=True) as answer:
            return orjson.loads(await answer.read())

    async def crowd(times: int) -> int:
        """So many tasks at once, with as many connections as this package has by default."""
        connector = aiohttp.TCPConnector(ssl=context, limit=50)
        async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as many:

            async def get(number: int) -> Any:
                async with many.get(f"{URL}/v2/tasks/{number:06}", raise_for_status=True) as answer:
                    return orjson.loads(await answer.read())

            await asyncio.gather(*[get(number) for number in range(times)])
        return times

    return {**plain_tasks(send), "crowd": crowd}


async def py_attio(_: AsyncExitStack) -> dict[str, Task]:
    from py_attio import Client

    client = Client("x")
    client.base_url = f"{URL}/v2"

    async def pages(times: int) -> int:
        for number in range(times):
            for record in client.list_records("people", {"limit": SIZE, "offset": number * SIZE})["data"]:
                read_plain(record)
        return times * SIZE

    async def get(times: int) -> int:
        for _ in range(times):
            read_plain(client.get_record("people", RECORD)["data"])
        return times

    return {"pages": pages, "get": get}


async def attio(stack: AsyncExitStack) -> dict[str, Task]:
    from attio import SDK

    sdk = await stack.enter_async_context(SDK(oauth2="x", server_url=URL))
    records = sdk.records

    def read(record: Any) -> object:
        return [record.values[slug] for slug in FIVE]

    async def pages(times: int) -> int:
        for number in range(times):
            answer = await records.post_v2_objects_object_records_query_async(
                object="people", limit=SIZE, offset=number * SIZE
            )
            for record in answer.data:
                read(record)
        return times * SIZE

    async def get(times: int) -> int:
        for _ in range(times):
            answer = await records.get_v2_objects_object_records_record_id__async(
                object="people", record_id=RECORD
            )
            read(answer.data)
        return times

    async def put(times: int) -> int:
        for _ in range(times):
            answer = await records.put_v2_objects_object_records_record_id__async(
                object="people", record_id=RECORD, data=CONTENT["data"]
            )
            read(answer.data)
        return times

    return {"pages": pages, "get": get, "put": put}


CLIENTS = {"httpx": httpx_orjson, "aiohttp": aiohttp_orjson, "py-attio": py_attio, "attio": attio}


async def main() -> None:
    async with AsyncExitStack() as stack:
        await work(await CLIENTS[sys.argv[1]](stack))


asyncio.run(main())
