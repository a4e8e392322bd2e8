"""Certificates and proxies, over real TLS on this machine, with a certificate authority for the tests."""

import ssl
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest

from attio_async import Attio, RetryPolicy
from attio_async._transport.client_pool import HttpPool
from attio_async.errors import ConfigurationError, ConnectionFailed
from tests._transport import certificates
from tests._transport.http_server import Proxy, Server, running

pytestmark = pytest.mark.anyio

ONCE = RetryPolicy(attempts=1)
MODULES = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(files: tuple[Path, Path]) -> Iterator[Server]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files[1])
    server = Server(tls)
    with running(server):
        yield server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    with running(proxy):
        yield proxy


@pytest.fixture(params=["httpx", "httpx2", "aiohttp"])
def backend(request: pytest.FixtureRequest, anyio_backend: str) -> str:
    name: str = request.param
    if name in MODULES and find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODULES[name]} is not installed")
    if name == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp is for asyncio")
    return name


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, files: tuple[Path, Path]) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))


async def read(server: Server, host: str = "127.0.0.1", **options: Any) -> Any:
    async with Attio("x", base_url=f"https://{host}:{server.port}", retry=ONCE, **options) as attio:
        return await attio.request("GET", "/v2/tasks/gzip")


async def test_an_unknown_authority_is_rejected_before_anything_is_sent(server: Server, backend: Any) -> None:
    before = len(server.requests)
    with pytest.raises(ConnectionFailed, match=r"(?i)certificate") as caught:
        await read(server, backend=backend)
    assert caught.value.sent is False
    assert len(server.requests) == before


async def test_a_certificate_for_another_host_is_rejected(
    server: Server, backend: Any, trusted: None
) -> None:
    async with Attio("x", base_url=f"https://127.0.0.2:{server.port}", retry=ONCE, backend=backend) as attio:
        with pytest.raises(ConnectionFailed) as caught:
            await attio.request("GET", "/v2/tasks/ok")
    assert caught.value.sent is False


async def test_the_authority_of_the_environment_is_trusted(
    server: Server, backend: Any, trusted: None
) -> None:
    assert await read(server, backend=backend)


async def test_a_context_of_the_caller_is_used(
    server: Server, files: tuple[Path, Path], backend: Any
) -> None:
    assert await read(server, backend=backend, verify=ssl.create_default_context(cafile=files[0]))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("given", ["option", "https_proxy", "HTTPS_PROXY", "all_proxy"])
async def test_requests_go_through_the_proxy(
    server: Server, proxy: Proxy, backend: Any, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{proxy.port}"
    if given != "option":
        monkeypatch.setenv(given, url)
    assert await read(
        server, "attio.example.com", backend=backend, **({"proxy": url} if given == "option" else {})
    )
    assert proxy.asked == [f"CONNECT attio.example.com:{server.port} HTTP/1.1"]


@pytest.mark.parametrize("given", ["option", "http_proxy", "HTTP_PROXY", "ALL_PROXY"])
async def test_requests_to_this_machine_take_no_proxy(
    proxy: Proxy, backend: Any, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{proxy.port}"
    if given != "option":
        monkeypatch.setenv(given, url)
    options = {"backend": backend} | ({"proxy": url} if given == "option" else {})
    with running(plain := Server()):
        for host in ("127.0.0.1", "localhost"):
            async with Attio("x", base_url=f"http://{host}:{plain.port}", retry=ONCE, **options) as attio:
                assert await attio.request("GET", "/v2/tasks/ok") == {"data": {}}
    assert proxy.asked == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("given", ["option", "https_proxy"])
async def test_no_proxy_is_for_this_machine(
    server: Server, proxy: Proxy, backend: Any, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{proxy.port}"
    if given != "option":
        monkeypatch.setenv(given, url)
    options = {"backend": backend} | ({"proxy": url} if given == "option" else {})
    assert await read(server, **options)
    for host in ("127.0.0.2", "127.1"):  # the certificate is for another host
        with pytest.raises(ConnectionFailed):
            await read(server, host, **options)
    assert proxy.asked == []


@pytest.mark.parametrize("excluded", ["near.example.com", "*", "elsewhere.example.com,near.example.com"])
async def test_excluded_hosts_bypass_the_proxy(
    proxy: Proxy, backend: Any, excluded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", excluded)
    async with Attio("x", base_url="https://near.example.com", retry=ONCE, backend=backend) as attio:
        with pytest.raises(ConnectionFailed):  # the host does not exist
            await attio.request("GET", "/v2/self")
    assert proxy.asked == []


async def test_hosts_that_bypass_the_proxy_use_the_free_list(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "near.example.com")
    for host, is_direct in (("near.example.com", True), ("far.example.com", False)):
        pool = HttpPool(connections=5, base_url=f"https://{host}")
        assert (pool.free_list is not None) == is_direct
        await pool.aclose()


async def test_the_password_of_a_proxy_is_sent_and_not_shown(
    server: Server, backend: Any, trusted: None
) -> None:
    proxy = Proxy("Basic bmFtZTpoaWRkZW4=")
    with running(proxy):
        url = f"127.0.0.1:{proxy.port}"
        options: dict[str, Any] = {"backend": backend, "proxy": f"http://name:hidden@{url}"}
        assert await read(server, "attio.example.com", **options)
        assert "hidden" not in repr(Attio("x", **options).settings)
        before = len(server.requests)
        with pytest.raises(ConnectionFailed) as caught:
            await read(server, "attio.example.com", backend=backend, proxy=f"http://name:wrong@{url}")
    assert caught.value.sent is False
    assert "wrong" not in str(caught.value)
    assert len(server.requests) == before


@pytest.mark.parametrize("given", ["option", "all_proxy"])
async def test_a_missing_socks_package_is_named(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "socks5://name:hidden@127.0.0.1:1"
    monkeypatch.setitem(sys.modules, "socksio", None)  # as if it were not installed
    monkeypatch.setenv("all_proxy", url if given == "all_proxy" else "")
    with pytest.raises(ConfigurationError, match=r"httpx\[socks\]") as caught:
        Attio("x", **({"proxy": url} if given == "option" else {}))
    assert "hidden" not in str(caught.value)


async def test_a_client_of_the_caller_is_used_as_it_is(server: Server, files: tuple[Path, Path]) -> None:
    seen: list[str] = []

    async def note(request: httpx.Request) -> None:
        seen.append(request.url.path)

    context = ssl.create_default_context(cafile=files[0])
    async with httpx.AsyncClient(verify=context, event_hooks={"request": [note]}) as own:
        async with Attio("x", base_url=server.url, http_client=own) as attio:
            await attio.request("GET", "/v2/tasks/gzip")
        assert not own.is_closed
    assert seen == ["/v2/tasks/gzip"]
