"""The free list over real sockets: connections are reused, given back, and not lost to cancellation."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anyio
import httpcore
import httpx
import pytest
import respx

from attio_async import Attio, RateLimiter
from attio_async._transport.connection import Connection
from attio_async._transport.free_list import PatchableMethods
from attio_async.testing import FakeAttio, RunningServer
from tests._transport.http_server import Server as EchoServer, running

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with FakeAttio(latency=0.005).serve(port=0) as running:
        yield running


def client(server: RunningServer | EchoServer, connections: int = 10) -> Attio:
    limiter = RateLimiter(reads=10**6, writes=10**6)
    return Attio("test-token", base_url=server.url, max_connections=connections, limiter=limiter)


def note_connections(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """Return a list to which every connection is added when it is opened."""
    opened: list[Connection] = []
    connect = Connection.opened.__func__

    async def note(cls: type[Connection], *args: Any) -> Connection:
        opened.append(await connect(cls, *args))
        return opened[-1]

    monkeypatch.setattr(Connection, "opened", classmethod(note))
    return opened


async def test_connections_are_reused_and_limited(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = note_connections(monkeypatch)
    async with client(server, connections=4) as attio:

        async def requests() -> None:
            for _ in range(5):
                await attio.identify()

        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(requests)
    assert 1 <= len(opened) <= 4


# httpx leaves the generator that yields a request's body to the garbage collector, which trio remarks on.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. .*ByteStream:pytest.PytestUnraisableExceptionWarning"
)
async def test_requests_cancelled_at_any_moment_lose_no_connection(server: RunningServer) -> None:
    async with client(server, connections=5) as attio:
        for steps in range(0, 120, 3):
            async with anyio.create_task_group() as group:
                group.start_soon(attio.companies.query().first)
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for _ in range(25):
                    group.start_soon(attio.identify)


async def test_every_response_belongs_to_its_request_after_cancellations() -> None:
    wrong: list[object] = []

    async def ask(attio: Attio, number: int) -> None:
        answer = await attio.request("POST", f"/v2/notes/echo?{number}", json={"number": number})
        if answer != {"number": number}:
            wrong.append(answer)

    with running(echo := EchoServer()):
        async with client(echo, connections=3) as attio:
            for steps in range(0, 90, 3):
                async with anyio.create_task_group() as group:
                    for number in range(6):
                        group.start_soon(ask, attio, 100 * steps + number)
                    for _ in range(steps):
                        await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()
                await ask(attio, steps)
    assert wrong == []
    assert len(echo.requests) > 40


# anyio leaves a connection that is made in the moment its task is cancelled natively to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_natively_cancelled_tasks_lose_no_connection(server: RunningServer, anyio_backend: str) -> None:
    async with client(server, connections=5) as attio:
        for number in range(0, 60, 3):
            tasks = [asyncio.ensure_future(attio.identify()) for _ in range(8)]
            for _ in range(number):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with anyio.fail_after(10):
            await asyncio.gather(*[attio.identify() for _ in range(25)])


async def test_a_patched_transport_of_httpx_is_used(server: RunningServer) -> None:
    async with client(server) as attio:
        with respx.mock:
            respx.get(f"{server.url}/v2/self").mock(
                return_value=httpx.Response(200, json={"active": True, "scope": "a b"})
            )
            assert (await attio.identify()).scopes == ("a", "b")
        assert (await attio.identify()).workspace_name == "Fake Workspace"


async def test_a_tool_that_patches_httpx_sees_every_request(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tools that trace or record patch what httpx sends by, before or after a client is created."""
    seen: list[str] = []
    for owner, name in (
        (httpx.AsyncClient, "send"),
        (httpx.AsyncHTTPTransport, "handle_async_request"),
        (httpcore.AsyncConnectionPool, "handle_async_request"),
        (httpcore.AsyncHTTPConnection, "handle_async_request"),
    ):
        original = getattr(owner, name)

        async def traced(self, request, *args, original=original, **options):
            url = request.url
            seen.append(url.path if isinstance(url, httpx.URL) else url.target.decode())
            return await original(self, request, *args, **options)

        async with client(server) as attio:
            await attio.identify()
            assert seen == []
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, traced)
                await attio.identify()
            assert seen == ["/v2/self"]
            await attio.identify()
            assert seen == ["/v2/self"]
            seen.clear()


async def test_requests_go_through_httpx_if_it_lacks_a_method_that_tools_patch(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("send", "_transport_for_url")
    present = {name: vars(httpx.AsyncClient)[name] for name in names}
    assert not PatchableMethods("httpx", lambda: tuple(map(present.get, names))).are_patched()
    del present["_transport_for_url"]
    incomplete = PatchableMethods("httpx", lambda: tuple(map(present.get, names)))
    assert incomplete.are_patched()
    monkeypatch.setattr("attio_async._transport.direct_client.HTTPX", incomplete)
    sent: list[httpx.Request] = []
    original = httpx.AsyncHTTPTransport.handle_async_request

    async def note(self: Any, request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return await original(self, request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", note)
    async with client(server) as attio:
        await attio.identify()
    assert len(sent) == 1


async def test_a_closed_connection_is_not_reused(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = note_connections(monkeypatch)
    async with client(server) as attio:
        await attio.identify()
        opened[0].close()
        await attio.identify()
    assert len(opened) == 2
