"""The options of a client, its copies, and what they share."""

import inspect
import ssl
from typing import Any

import attrs
import httpx
import pytest

from attio_async import (
    Attio,
    Merges,
    RateLimiter,
    RetryPolicy,
    Secret,
    WriteOptions,
)
from attio_async._client import ClientSettings
from attio_async.errors import ConfigurationError
from tests.support import TOKEN, Scripted

pytestmark = pytest.mark.anyio


def test_the_token_comes_from_the_argument_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "from-environment")
    assert Attio().settings.token == Secret("from-environment")
    assert Attio("given").settings.token == Secret("given")
    monkeypatch.delenv("ATTIO_API_KEY")
    with pytest.raises(ConfigurationError, match="ATTIO_API_KEY"):
        Attio()


def test_an_invalid_token_is_rejected_without_being_shown() -> None:
    for token in ("", "  ", "two words", "with\nnewline", "naïve"):
        with pytest.raises(ConfigurationError) as caught:
            Attio(token)
        assert not token.strip() or token not in str(caught.value)


def test_an_address_is_https_or_on_this_machine() -> None:
    for url in (
        "http://localhost:8787",
        "http://127.0.0.1:1",
        "http://[::1]:1",
        "https://eu.attio.com",
    ):
        assert Attio(TOKEN, base_url=url).settings.base_url == url


def test_an_unsafe_address_is_rejected() -> None:
    urls = (
        "http://api.attio.com",
        "ftp://x",
        "https://",
        "https://u:p@example.com",
        "https://example.com/?a=1",
        "attio.com",
    )
    for url in urls:
        with pytest.raises(ConfigurationError, match="base_url must be"):
            Attio(TOKEN, base_url=url)


def test_an_invalid_option_is_rejected_by_name() -> None:
    options: list[dict[str, Any]] = [
        {"timeout": 0},
        {"max_connections": 0},
        {"schema_ttl": -1},
        {"base_url": b"https://example.com"},
        {"limiter": RateLimiter},
        {"retry": 3},
        {"write_options": {"create_missing_options": True}},
        {"middleware": print},
        {"middleware": [None]},
        {"hooks": print},
    ]
    for option in options:
        with pytest.raises(ConfigurationError, match=next(iter(option))):
            Attio(TOKEN, **option)


def test_an_invalid_policy_is_rejected() -> None:
    policies: list[dict[str, Any]] = [{"attempts": 0}, {"base": 0}, {"deadline": -1}]
    for policy in policies:
        with pytest.raises(ConfigurationError):
            RetryPolicy(**policy)
    limits: list[dict[str, Any]] = [
        {"reads": 0},
        {"reads": 40.0},
        {"operations": 5},
        {"operations": {5: 1}},
        {"operations": {"merge_records": "2"}},
    ]
    for limit in limits:
        with pytest.raises(ConfigurationError):
            RateLimiter(**limit)


CHANGES: dict[str, Any] = {
    "token": "another",
    "base_url": "https://eu.example.com",
    "timeout": 5.0,
    "deadline": 60.0,
    "max_connections": 7,
    "retry": RetryPolicy(attempts=1),
    "limiter": RateLimiter(reads=1),
    "http_client": httpx.AsyncClient(),
    "transport": httpx.MockTransport(lambda _: httpx.Response(200)),
    "backend": "httpx2",
    "verify": ssl.create_default_context(),
    "proxy": "http://proxy.example.com:3128",
    "middleware": (lambda request, send: send(request),),
    "hooks": (print,),
    "schema_ttl": 1.0,
    "write_options": WriteOptions(create_missing_options=True),
    "merges": Merges(),
    "clock": Scripted().clock,
}


def test_a_copy_keeps_every_other_option() -> None:
    names = {field.name for field in attrs.fields(ClientSettings)}
    assert names == CHANGES.keys()
    assert names == inspect.signature(Attio).parameters.keys()
    original = Attio(TOKEN)
    for name, value in CHANGES.items():
        copy = original.with_options(**{name: value})
        assert getattr(copy.settings, name) == (Secret(value) if name == "token" else value)
        for other in names - {name}:
            assert getattr(copy.settings, other) == getattr(original.settings, other), other


def test_an_unknown_option_is_rejected_with_the_known_ones() -> None:
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
    slow = http.attio.with_options(timeout=100)
    other = http.attio.with_options(token="another")
    await slow.identify()
    await other.identify()
    assert slow.limiter is http.attio.limiter
    assert http.attio.limiter.stats().requests == 1
    assert other.limiter is not http.attio.limiter
    await slow.aclose()
    await http.attio.identify()  # closing a copy does not close what it shares


async def test_an_http_client_of_the_caller_is_used_and_not_closed() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as client:
        async with Attio(TOKEN, http_client=client) as attio:
            await attio.request("GET", "/v2/self")
        assert not client.is_closed
