"""Every backend over real sockets: what arrives, and what each failure means."""

import asyncio
import ssl
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import Any

import anyio
import httpx
import pytest

from attio_async import Attio, RateLimiter, RetryPolicy
from attio_async._transport.client_pool import HttpPool
from attio_async._transport.messages import Request
from attio_async._transport.transport import HttpxTransport
from attio_async._utils.secret import Secret
from attio_async.errors import (
    ConfigurationError,
    ConnectionFailed,
    OutcomeUnknown,
    RequestTimeout,
)
from tests._transport.http_server import BODY, Server, running
from tests.support import error_of

pytestmark = pytest.mark.anyio

BACKENDS = ["httpx", "stock httpx", "own httpx", "httpx2", "own httpx2", "aiohttp"]
TRUST = ssl.create_default_context()
"""Loading certificates is slow, so they are loaded once."""

MODULES = {"httpx2": "httpx2", "own httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, anyio_backend: str) -> str:
    name: str = request.param
    if name in MODULES and find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODULES[name]} is not installed")
    if name == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp is for asyncio")
    return name


@pytest.fixture
def options(backend: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The options of a client that sends by this backend."""
    if backend == "stock httpx":
        monkeypatch.setitem(sys.modules, "attio_async._transport.free_list", None)
        return {"verify": TRUST}
    if backend == "own httpx":
        return {"http_client": httpx.AsyncClient(verify=TRUST)}
    if backend == "own httpx2":
        import httpx2

        return {"http_client": httpx2.AsyncClient(verify=TRUST)}
    return {"backend": backend, "verify": TRUST}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    with running(server):
        yield server


@asynccontextmanager
async def opened(options: dict[str, Any], url: str, seconds: float = 5.0):
    options = {("client" if name == "http_client" else name): value for name, value in options.items()}
    pool = HttpPool(connections=5, base_url=url, **options)
    try:
        yield HttpxTransport(pool, base_url=url, token=Secret("secret"), user_agent="test", timeout=seconds)
    finally:
        await pool.aclose()
        if "client" in options:
            await options["client"].aclose()


def get(name: str) -> Request:
    return Request(method="GET", path=f"/v2/things/{name}")


async def test_compressed_bodies_arrive_whole(server: Server, options: dict[str, Any]) -> None:
    async with opened(options, server.url) as transport:
        for name in ("gzip", "members"):
            response = await transport.send(get(name))
            assert (response.status, response.body) == (200, BODY)


async def test_requests_and_responses_arrive_whole(server: Server, options: dict[str, Any]) -> None:
    request = Request(
        method="POST",
        path="/v2/a%2Fb/echo",
        params={"limit": 5, "q": "a b&c", "flag": True},
        json={"data": {"name": "Adä"}},
        headers={"X-Mine": "yes"},
    )
    async with opened(options, server.url + "/prefix") as transport:
        response = await transport.send(request)
        other = await transport.send(get("ok"))
    assert response.body == '{"data":{"name":"Adä"}}'.encode()
    assert server.requests[-2].replace("%20", "+") == "POST /prefix/v2/a%2Fb/echo?limit=5&q=a+b%26c&flag=true"
    head = server.heads[-2].lower()
    for line in (
        "authorization: bearer secret",
        "x-mine: yes",
        "user-agent: test",
        "accept: application/json",
    ):
        assert head.count(line + "\r\n") == 1
    assert f"host: 127.0.0.1:{server.port}\r\n" in head
    assert other.headers["x-twice"] == "a, b"


async def test_every_backend_quotes_paths_as_httpx_does(server: Server, options: dict[str, Any]) -> None:
    async with opened(options, server.url) as transport:
        for path in ("/v2/ünïcode path/ok", "/v2/a/../ok", "/v2/ok?x=1", "/v2/./ok"):
            assert (await transport.send(Request(method="GET", path=path))).status == 200
            assert server.requests[-1] == f"GET {httpx.URL(server.url + path).raw_path.decode()}"


async def test_responses_without_a_length_or_a_body_arrive(server: Server, options: dict[str, Any]) -> None:
    async with opened(options, server.url) as transport:
        assert (await transport.send(get("chunked"))).body == b'{"data": {}}'
        assert (await transport.send(get("empty"))).status == 204
        assert (await transport.send(get("ok"))).status == 200


async def test_a_request_over_a_rejected_connection_was_not_sent(options: dict[str, Any]) -> None:
    with running(closed := Server()):
        pass
    async with opened(options, closed.url) as transport:
        with pytest.raises(ConnectionFailed) as caught:
            await transport.send(get("ok"))
    assert caught.value.sent is False
    assert f"cannot reach {closed.url.removeprefix('http://')}: " in str(caught.value)


async def test_a_request_with_a_broken_response_may_have_been_sent(
    server: Server, options: dict[str, Any]
) -> None:
    async with opened(options, server.url) as transport:
        for name in ("gone", "cut", "garbage", "cut-gzip"):
            before = len(server.requests)
            with pytest.raises(ConnectionFailed) as caught:
                await transport.send(get(name))
            assert caught.value.sent is True
            assert len(server.requests) == before + 1  # the library has not retried it
            assert (await transport.send(get("ok"))).status == 200
            assert "secret" not in str(caught.value)
            assert caught.value.__cause__ is None


async def test_a_request_that_timed_out_may_have_been_sent(server: Server, options: dict[str, Any]) -> None:
    async with opened(options, server.url, seconds=0.3) as transport:
        with pytest.raises(RequestTimeout) as caught:
            await transport.send(get("slow"))
    assert caught.value.sent is True


async def test_a_connection_that_the_server_closed_is_not_reused(
    server: Server, options: dict[str, Any]
) -> None:
    async with opened(options, server.url) as transport:
        for name in ("closing", "close") * 3:
            assert (await transport.send(get(name))).status == 200
            await anyio.sleep(0.02)  # a close without notice takes a moment to arrive


async def test_connections_are_reused(server: Server, options: dict[str, Any]) -> None:
    before = server.connections
    async with opened(options, server.url) as transport:
        for _ in range(5):
            await transport.send(get("gzip"))
    assert server.connections == before + 1


async def test_a_create_whose_response_is_lost_is_sent_once(server: Server, options: dict[str, Any]) -> None:
    before = len(server.requests)
    async with Attio("secret", base_url=server.url, **options) as attio:
        with pytest.raises(OutcomeUnknown):
            await attio.request("POST", "/v2/notes/gone", json={"data": {}})
        if "http_client" in options:
            await options["http_client"].aclose()
    assert server.requests[before:] == ["POST /v2/notes/gone"]


async def test_a_read_whose_response_is_lost_is_retried(server: Server, options: dict[str, Any]) -> None:
    before = len(server.requests)
    policy = RetryPolicy(attempts=3, base=0.001)
    async with Attio("secret", base_url=server.url, retry=policy, **options) as attio:
        with pytest.raises(ConnectionFailed):
            await attio.request("GET", "/v2/tasks/gone")
        if "http_client" in options:
            await options["http_client"].aclose()
    assert server.requests[before:] == ["GET /v2/tasks/gone"] * 3


async def test_cancelled_requests_lose_no_connection(server: Server, options: dict[str, Any]) -> None:
    limiter = RateLimiter(reads=10**6)
    async with Attio("x", base_url=server.url, max_connections=3, limiter=limiter, **options) as attio:
        for steps in range(0, 60, 4):
            async with anyio.create_task_group() as group:
                for _ in range(3):
                    group.start_soon(attio.request, "GET", "/v2/tasks/gzip")
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                group.cancel_scope.cancel()
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                for _ in range(12):
                    group.start_soon(attio.request, "GET", "/v2/tasks/ok")
        if "http_client" in options:
            await options["http_client"].aclose()


# anyio leaves a connection that is made in the moment its task is cancelled natively to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_natively_cancelled_tasks_lose_no_connection(
    server: Server, options: dict[str, Any], anyio_backend: str
) -> None:
    limiter = RateLimiter(reads=10**6)
    async with Attio("x", base_url=server.url, max_connections=3, limiter=limiter, **options) as attio:
        for steps in range(0, 60, 4):
            tasks = [asyncio.ensure_future(attio.request("GET", "/v2/tasks/gzip")) for _ in range(5)]
            for _ in range(steps):
                await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with anyio.fail_after(10):
            await asyncio.gather(*[attio.request("GET", "/v2/tasks/ok") for _ in range(12)])
        if "http_client" in options:
            await options["http_client"].aclose()


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_aiohttp_on_trio_is_rejected(server: Server, anyio_backend: str) -> None:
    pytest.importorskip("httpx_aiohttp")
    async with Attio("x", base_url=server.url, backend="aiohttp") as attio:
        with pytest.raises(ConfigurationError, match="asyncio only"):
            await attio.request("GET", "/v2/tasks/ok")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    extras: dict[Any, str] = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
    for backend, module in extras.items():
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ConfigurationError, match=rf'pip install "attio-async\[{backend}\]"'):
            Attio("x", backend=backend)


async def test_invalid_options_are_rejected() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"backend": "requests"}, "unknown backend 'requests'; use httpx, httpx2, aiohttp"),
        ({"proxy": "proxy.example.com:3128"}, "proxy must look like"),
        ({"proxy": "ftp://name:hidden@proxy.example.com"}, "proxy must look like"),
        ({"verify": False}, "ssl.create_default_context"),
        ({"http_client": httpx.Client()}, "AsyncClient of httpx or httpx2"),
        ({"transport": httpx.BaseTransport()}, "AsyncBaseTransport of httpx or httpx2"),
        (
            {"http_client": httpx.AsyncClient(verify=TRUST), "backend": "httpx2"},
            "backend has no effect on http_client",
        ),
        ({"transport": httpx.MockTransport(print), "proxy": "http://a"}, "proxy has no effect on transport"),
    ]
    misfits = {}
    for options, message in cases:
        error = error_of(lambda options=options: Attio("x", **options))
        if not isinstance(error, ConfigurationError) or message not in str(error) or "hidden" in str(error):
            misfits[message] = error
    assert not misfits


async def test_an_invalid_token_is_not_shown(server: Server) -> None:
    async def token() -> str:
        return "very\nsecret"

    async with Attio(token, base_url=server.url) as attio:
        with pytest.raises(ConfigurationError) as caught:
            await attio.request("GET", "/v2/self")
    assert "secret" not in str(caught.value)


async def test_a_transport_of_httpx2_is_used(server: Server) -> None:
    httpx2 = pytest.importorskip("httpx2")
    async with Attio("x", base_url=server.url, transport=httpx2.AsyncHTTPTransport()) as attio:
        assert await attio.request("GET", "/v2/tasks/gzip")


def test_the_stock_pool_is_used_if_a_part_of_httpx_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HttpPool(connections=5).free_list is not None
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "attio_async._transport.free_list", None)
        assert HttpPool(connections=5).free_list is None
    make = httpx.AsyncHTTPTransport.__init__

    def make_with_another_pool(self: Any, **options: Any) -> None:
        make(self, **options)
        self._pool_of_a_later_httpx = self.__dict__.pop("_pool")

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "__init__", make_with_another_pool)
    assert HttpPool(connections=5).free_list is None


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_aiohttp_without_its_switch_for_retries_does_not_retry(
    server: Server, monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    pytest.importorskip("httpx_aiohttp")
    import aiohttp

    sessions: list[Any] = []
    make = aiohttp.ClientSession

    def make_without_switch(**options: Any) -> Any:
        session = make(**options)
        if not sessions:
            session.__dict__.pop("_retry_connection", None)
        sessions.append(session)
        return session

    monkeypatch.setattr(aiohttp, "ClientSession", make_without_switch)
    before, connections = len(server.requests), server.connections
    async with opened({"backend": "aiohttp", "verify": TRUST}, server.url) as transport:
        for _ in range(3):
            assert (await transport.send(get("ok"))).status == 200
        for _ in range(2):  # over the connection used before, and over a new one
            with pytest.raises(ConnectionFailed) as caught:
                await transport.send(get("gone"))
            assert caught.value.sent is True
    assert len(sessions) == 2
    assert server.connections == connections + 2
    assert len(server.requests) == before + 5


async def test_an_unexpected_encoding_is_rejected(server: Server) -> None:
    async with opened({}, server.url) as transport:
        with pytest.raises(ConnectionFailed, match="x-odd"):
            await transport.send(get("odd"))


def test_clients_share_one_tls_context(monkeypatch: pytest.MonkeyPatch) -> None:
    from attio_async._transport.client_pool import tls_context

    assert tls_context(None) is tls_context(None)
    own = ssl.create_default_context()
    assert tls_context(own) is own
    assert tls_context(None).verify_mode is ssl.CERT_REQUIRED
    assert tls_context(None).check_hostname
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at-all.pem")
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        tls_context(None)
