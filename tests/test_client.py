import inspect
import ssl
from typing import Any

import attrs
import httpx
import pytest

from attio_async import (
    Attio,
    RateLimiter,
    RetryPolicy,
    WriteOptions,
)
from attio_async._client import ClientSettings
from attio_async.errors import ConfigurationError, TokenInactive
from tests.support import TOKEN, Scripted

pytestmark = pytest.mark.anyio


def test_the_token_comes_from_the_argument_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "from-environment")
    assert Attio().settings.token == "from-environment"
    assert Attio("given").settings.token == "given"
    monkeypatch.delenv("ATTIO_API_KEY")
    with pytest.raises(ConfigurationError, match="ATTIO_API_KEY"):
        Attio()


@pytest.mark.parametrize("token", ["", "  ", "two words", "with\nnewline", "naïve"])
def test_what_cannot_be_a_token_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Attio(token)
    assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://api.attio.com", "ftp://x", "https://", "https://u:p@x.com", "https://x.com/?a=1", "attio.com"],
)
def test_only_safe_addresses(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Attio(TOKEN, base_url=url)


@pytest.mark.parametrize(
    "url", ["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:1", "https://eu.attio.com"]
)
def test_https_or_this_machine(url: str) -> None:
    assert Attio(TOKEN, base_url=url).settings.base_url == url


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"max_connections": 0}, {"schema_ttl": -1}, {"retry": RetryPolicy}, {}]
)
def test_options_that_cannot_work(options: dict[str, Any]) -> None:
    if options.get("retry") or not options:
        for wrong in ({"attempts": 0}, {"base": 0}, {"deadline": -1}):
            with pytest.raises(ConfigurationError):
                RetryPolicy(**wrong)
        with pytest.raises(ConfigurationError):
            RateLimiter(reads=0)
    else:
        with pytest.raises(ConfigurationError, match=next(iter(options))):
            Attio(TOKEN, **options)


CHANGES: dict[str, Any] = {
    "token": "another",
    "base_url": "https://eu.example",
    "timeout": 5.0,
    "max_connections": 7,
    "retry": RetryPolicy(attempts=1),
    "limiter": RateLimiter(reads=1),
    "http_client": httpx.AsyncClient(),
    "transport": httpx.MockTransport(lambda _: httpx.Response(200)),
    "backend": "httpx2",
    "verify": ssl.create_default_context(),
    "proxy": "http://proxy.example:3128",
    "middleware": (lambda request, send: send(request),),
    "hooks": (print,),
    "schema_ttl": 1.0,
    "write_options": WriteOptions(create_missing_options=True),
    "clock": Scripted().clock,
}


def test_a_copy_forgets_no_option() -> None:
    names = {field.name for field in attrs.fields(ClientSettings)}
    assert names == CHANGES.keys()
    assert names == inspect.signature(Attio).parameters.keys()
    original = Attio(TOKEN)
    for name, value in CHANGES.items():
        copy = original.with_options(**{name: value})
        assert getattr(copy.settings, name) == value
        for other in names - {name}:
            assert getattr(copy.settings, other) == getattr(original.settings, other), other


def test_an_unknown_option_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigurationError, match="max_connections"):
        Attio(TOKEN).with_options(timeouts=3)
    both = {name: CHANGES[name] for name in ("http_client", "transport")}
    with pytest.raises(ConfigurationError, match="exclude each other"):
        Attio(TOKEN, **both)
    with pytest.raises(ConfigurationError, match="exclude each other"):
        Attio(TOKEN).with_options(**both)


async def test_copies_share_limits_and_connections_unless_the_token_differs() -> None:
    http = Scripted()
    http.router.route().mock(return_value=httpx.Response(200, json={"active": True}))
    patient = http.attio.with_options(timeout=100)
    stranger = http.attio.with_options(token="another")
    await patient.identify()
    await stranger.identify()
    assert patient.limiter is http.attio.limiter
    assert http.attio.limiter.stats().requests == 1
    assert stranger.limiter is not http.attio.limiter
    await patient.aclose()
    await http.attio.identify()  # closing a copy does not close what it shares


async def test_identify() -> None:
    http = Scripted()
    answer = {
        "active": True,
        "scope": "note:read record_permission:read-write",
        "workspace_id": "w",
        "workspace_name": "Acme",
        "workspace_slug": "acme",
        "new": 1,
    }
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json=answer))
    me = await http.attio.identify()
    assert (me.workspace_name, me.workspace_slug, me.active) == ("Acme", "acme", True)
    assert me.scopes == ("note:read", "record_permission:read-write")
    assert me.raw["new"] == 1
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": False}))
    with pytest.raises(TokenInactive):
        await http.attio.identify()


@pytest.mark.parametrize(
    ("method", "path"), [("FETCH", "/v2/self"), ("GET", "v2/self"), ("GET", "//evil.example")]
)
async def test_raw_requests_are_checked(method: str, path: str) -> None:
    http = Scripted()
    with pytest.raises(ConfigurationError):
        await http.attio.request(method, path)
    assert http.attio.limiter.stats().requests == 0


async def test_raw_requests_count_in_the_bucket_of_their_operation() -> None:
    http = Scripted()
    http.router.route().mock(return_value=httpx.Response(204))
    for method, path in (
        ("POST", "/v2/objects/people/records/query"),
        ("POST", "/v2/objects/records/search"),
        ("POST", "/v2/sql"),
        ("GET", "/v2/anything"),
    ):
        assert await http.attio.request(method, path) is None
    assert http.attio.limiter.stats().writes.requests == 0
    await http.attio.request("post", "/v2/objects/people/records")
    await http.attio.request("DELETE", "/v2/anything")
    stats = http.attio.limiter.stats()
    assert (stats.reads.requests, stats.writes.requests) == (4, 2)


async def test_a_client_of_the_callers_is_used_and_left_open() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as mine:
        async with Attio(TOKEN, http_client=mine) as attio:
            await attio.request("GET", "/v2/self")
        assert not mine.is_closed
